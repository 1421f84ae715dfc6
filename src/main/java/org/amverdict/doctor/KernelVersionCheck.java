package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amverdict.config.QueueRange;
import org.amverdict.config.Settings;
import org.amverdict.host.Host;
import org.amverdict.host.KernelParts;
import org.jspecify.annotations.Nullable;

/**
 * Kernel versions with bugs in the queue that this program can trigger. The list is closed; ranges are those of the CVE
 * records of kernel.org as OSV publishes them (osv.dev/vulnerability/ID):
 *
 * <ul>
 *   <li>CVE-2022-48911: a packet is queued with a socket that is being freed; use after free.
 *   <li>CVE-2025-22110: after building the queue's message, the kernel frees a pointer that was never set; oops in
 *   kfree. Seen in the field with 6.14.0 (github.com/bol-van/zapret/issues/1336).
 *   <li>CVE-2026-45859: a queue without gso drops UDP that the kernel has merged and conntrack has not confirmed, all but
 *       one datagram.
 * </ul>
 *
 * Not listed, since this program never does what triggers them: verdicts with a payload (CVE-2022-36946), verdicts on
 * bridged packets with VLAN attributes (CVE-2026-43451).
 */
final class KernelVersionCheck implements Check {
    /**
     * A bug.
     *
     * @param needsSegments whether it affects only a queue without gso
     */
    private record Fault(String id, String what, boolean needsSegments, List<Range> ranges) {}

    /** First version with the bug, first version without it. */
    private record Range(String first, String fixed) {}

    private static final List<Fault> FAULTS = List.of(
            new Fault(
                    "CVE-2022-48911",
                    "use after free when a packet is queued",
                    false,
                    List.of(
                            range("2.6.29", "4.9.305"),
                            range("4.10", "4.14.270"),
                            range("4.15", "4.19.233"),
                            range("4.20", "5.4.183"),
                            range("5.5", "5.10.104"),
                            range("5.11", "5.15.27"),
                            range("5.16", "5.16.13"))),
            new Fault("CVE-2025-22110", "oops when a packet is queued", false, List.of(range("6.14", "6.14.2"))),
            new Fault(
                    "CVE-2026-45859",
                    "a queue without gso gets only one of several merged UDP datagrams that begin a"
                            + " connection; the others are lost",
                    true,
                    List.of(range("6.11", "6.12.75"), range("6.13", "6.18.14"), range("6.19", "6.19.4"))));

    private static final Pattern VERSION = Pattern.compile("([0-9]+)\\.([0-9]+)(?:\\.([0-9]+))?.*");
    /** Debian and Ubuntu name the upstream version of theirs; the release names only the first of its series. */
    private static final Pattern DEBIAN = Pattern.compile(".*Debian ([0-9]+\\.[0-9]+\\.[0-9]+)-.*", Pattern.DOTALL);

    private static final int PART_BITS = 20;

    private static Range range(final String first, final String fixed) {
        return new Range(first, fixed);
    }

    @Override
    public String name() {
        return "kernel-version";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination) {
        final String release = KernelParts.release(host);
        final String upstream = upstream(host, release);
        final long version = number(upstream);
        if (version < 0) {
            return List.of(Finding.unknown("the kernel's release '" + release + "' is not a version", "uname -r"));
        }
        final Settings settings = examination.settings();
        final List<Finding> findings = new ArrayList<>();
        for (final Fault fault : FAULTS) {
            if (fault.needsSegments() && !takesSegments(settings)) {
                continue;
            }
            for (final Range range : fault.ranges()) {
                if (number(range.first()) <= version && version < number(range.fixed())) {
                    findings.add(
                            Finding.warning(
                                    "Linux " + upstream + " has " + fault.id() + ": " + fault.what() + "; fixed in "
                                            + range.fixed()
                                            + (release.contains("-") ? ", unless the distribution has fixed it" : ""),
                                    "apt-get update && apt-get install --only-upgrade linux-image-$(dpkg --print-architecture)"));
                }
            }
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok("Linux " + release + (upstream.equals(release) ? "" : " (" + upstream + ")")
                    + " has no known fault of the queue"));
        }
        return findings;
    }

    private static boolean takesSegments(final @Nullable Settings settings) {
        return settings != null && !settings.queues().stream().allMatch(QueueRange::gso);
    }

    private static String upstream(final Host host, final String release) {
        final Matcher debian = DEBIAN.matcher(host.read("/proc/version").orEmpty());
        if (debian.matches()) {
            return debian.group(1);
        }
        // Ubuntu: "Ubuntu 5.15.0-91.101-generic 5.15.131"
        final String[] signature =
                host.read("/proc/version_signature").orEmpty().strip().split(" ", -1);
        return signature.length == 3 && number(signature[2]) >= 0 ? signature[2] : release;
    }

    /** Comparable; -1 if it is no version. */
    private static long number(final String text) {
        final Matcher matcher = VERSION.matcher(text);
        if (!matcher.matches()
                || matcher.group(1).length() > 5
                || matcher.group(2).length() > 5) {
            return -1;
        }
        final String third = matcher.group(3) == null ? "0" : matcher.group(3);
        final long patch = Long.parseLong(third.substring(0, Math.min(third.length(), 6)));
        return (((Long.parseLong(matcher.group(1)) << PART_BITS) + Long.parseLong(matcher.group(2))) << PART_BITS)
                + patch;
    }
}
