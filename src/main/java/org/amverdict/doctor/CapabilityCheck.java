package org.amverdict.doctor;

import java.util.List;
import org.amverdict.host.Host;
import org.amverdict.nfqueue.Capabilities;

/** CAP_NET_ADMIN in the effective set of this process, and what the systemd unit gives the daemon. */
final class CapabilityCheck implements Check {
    /** Where the unit may be, the first one counts. */
    static final List<String> UNITS = List.of(
            "/etc/systemd/system/amverdict.service",
            "/usr/lib/systemd/system/amverdict.service",
            "/lib/systemd/system/amverdict.service");

    @Override
    public String name() {
        return "capability";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination) {
        final String unit = unit(host);
        final Host.Text status = host.read("/proc/self/status");
        if (!status.ok()) {
            return List.of(Finding.unknown(status.text(), "grep CapEff /proc/self/status"));
        }
        if (Capabilities.hasNetAdmin(status.text())) {
            return List.of(Finding.ok("this process has CAP_NET_ADMIN" + unit));
        }
        return List.of(Finding.unknown(
                "this process lacks CAP_NET_ADMIN, so it cannot see all"
                        + (unit.isEmpty() ? "; there is no unit" : unit),
                Remedies.AS_ROOT));
    }

    private static String unit(final Host host) {
        for (final String path : UNITS) {
            final Host.Text text = host.read(path);
            if (text.ok()) {
                final boolean given = text.text()
                        .lines()
                        .anyMatch(line -> line.startsWith("AmbientCapabilities=") && line.contains("CAP_NET_ADMIN"));
                final boolean root = text.text().lines().noneMatch(line -> line.matches("(User|DynamicUser)=.*"));
                return given || root
                        ? "; " + path + " gives it to the daemon"
                        : "; " + path + " does not give it to the daemon (AmbientCapabilities=CAP_NET_ADMIN)";
            }
        }
        return "";
    }
}
