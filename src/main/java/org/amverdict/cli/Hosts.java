package org.amverdict.cli;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashSet;
import java.util.Set;
import org.amverdict.packet.IpAddress;

/** Hosts as a user names them, by address or by name. Only commands look names up; the daemon never does. Stateless. */
final class Hosts {
    private Hosts() {}

    /**
     * The addresses of a host.
     *
     * @throws IllegalArgumentException if it is no address and no known name, with a message for the user
     */
    static Set<IpAddress> addresses(final String host) {
        final IpAddress address = IpAddress.parse(host);
        if (address != null) {
            return Set.of(address);
        }
        // What looks like an address and is none is a slip, not a name; so is an empty text.
        if (!host.matches("(?=.*[A-Za-z])[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?")) {
            throw new IllegalArgumentException("\"" + host + "\" is no address and no name of a host");
        }
        try {
            final Set<IpAddress> found = new LinkedHashSet<>();
            for (final InetAddress each : InetAddress.getAllByName(host)) {
                final IpAddress parsed = IpAddress.parse(each.getHostAddress().replaceFirst("%.*", ""));
                if (parsed != null) {
                    found.add(parsed);
                }
            }
            if (!found.isEmpty()) {
                return found;
            }
        } catch (final UnknownHostException e) {
            throw new IllegalArgumentException(notFound(host), e);
        }
        throw new IllegalArgumentException(notFound(host));
    }

    private static String notFound(final String host) {
        return "no address is known for the name \"" + host + "\"; see getent hosts " + host + ", or give the address";
    }
}
