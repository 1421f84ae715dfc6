package org.amverdict.cli;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.amverdict.packet.IpAddress;
import org.amverdict.policy.HostPrefix;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Hosts on the command line, by name or address. The daemon never looks a name up; the commands for people do. */
final class HostNames {
    private HostNames() {}

    /**
     * All addresses of a host, those of both families.
     *
     * @return none for an empty text
     * @throws ParameterException if there is no such host
     */
    static List<HostPrefix> addresses(final CommandSpec spec, final String host) {
        if (host.isEmpty()) {
            return List.of();
        }
        final List<HostPrefix> found = new ArrayList<>();
        try {
            for (final InetAddress each : InetAddress.getAllByName(host)) {
                // "fe80::1%eth0" names an interface too, which no packet carries.
                final IpAddress address = IpAddress.parse(each.getHostAddress().replaceFirst("%.*", ""));
                if (address != null) {
                    found.add(HostPrefix.of(address));
                }
            }
        } catch (final UnknownHostException e) {
            throw new ParameterException(
                    spec.commandLine(),
                    "no address of '" + host + "' is known; check the name, or write the address",
                    e);
        }
        return found.stream().distinct().toList();
    }
}
