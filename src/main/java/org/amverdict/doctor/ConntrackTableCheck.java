package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.amverdict.config.Settings;
import org.amverdict.host.Host;

/** Room in the kernel's table of connections: when it is full, the first packet of each new connection is dropped. */
final class ConntrackTableCheck implements SettingsCheck {
    private static final String FOLDER = "/proc/sys/net/netfilter/nf_conntrack_";
    /** Per processor a line of hexadecimal counters, under a line with their names. */
    private static final String COUNTERS = "/proc/net/stat/nf_conntrack";

    private static final int HEXADECIMAL = 16;
    private static final int NEAR_PERCENT = 80;
    private static final int PERCENT = 100;

    @Override
    public String name() {
        return "conntrack-table";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        final Host.Text countText = host.read(FOLDER + "count");
        if (countText.access() == Host.Access.MISSING) {
            return List.of(Finding.ok("no connections are tracked"));
        }
        final OptionalLong count = number(countText);
        final OptionalLong max = number(host.read(FOLDER + "max"));
        if (count.isEmpty() || max.isEmpty()) {
            return List.of(
                    Finding.unknown("the size of the table cannot be read", "sysctl net.netfilter.nf_conntrack_max"));
        }
        final List<Finding> findings = new ArrayList<>();
        final String raise = "sysctl -w net.netfilter.nf_conntrack_max=" + Math.max(65_536, 2 * max.getAsLong());
        final String fill = count.getAsLong() + " of " + max.getAsLong() + " connections are tracked";
        // 0 is no limit.
        if (max.getAsLong() > 0 && count.getAsLong() >= max.getAsLong()) {
            findings.add(Finding.fault(fill + ": the table is full, and the kernel drops new connections", raise));
        } else if (max.getAsLong() > 0 && count.getAsLong() * PERCENT >= max.getAsLong() * NEAR_PERCENT) {
            findings.add(Finding.warning(
                    fill + ": a night of backups may fill the table, and then new connections are dropped", raise));
        }
        final long dropped = counted(host, "drop") + counted(host, "early_drop");
        if (dropped > 0) {
            findings.add(Finding.warning(
                    "the table was full before: " + dropped + " connections were dropped since the start of this host",
                    raise));
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok(fill));
        }
        return findings;
    }

    private static OptionalLong number(final Host.Text text) {
        final String digits = text.orEmpty().strip();
        return digits.matches("[0-9]{1,18}") ? OptionalLong.of(Long.parseLong(digits)) : OptionalLong.empty();
    }

    private static long counted(final Host host, final String counter) {
        final List<String> lines = host.read(COUNTERS).orEmpty().lines().toList();
        if (lines.isEmpty()) {
            return 0;
        }
        final int column = List.of(lines.get(0).strip().split("\\s+", -1)).indexOf(counter);
        long sum = 0;
        for (final String line : lines.subList(1, lines.size())) {
            final String[] fields = line.strip().toLowerCase(Locale.ROOT).split("\\s+", -1);
            if (column >= 0 && column < fields.length && fields[column].matches("[0-9a-f]{1,15}")) {
                sum += Long.parseLong(fields[column], HEXADECIMAL);
            }
        }
        return sum;
    }
}
