package org.amverdict.telemetry;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** The form {@code host:port} of an address to listen on; an IPv6 address stands in brackets. */
final class ListenAddress {
    private static final int PORT_MAX = 65_535;

    private ListenAddress() {}

    /**
     * Reads an address; port 0 lets the kernel choose one.
     *
     * @throws IllegalArgumentException naming what is wrong with it
     */
    static InetSocketAddress parse(final String text) {
        final int colon = text.lastIndexOf(':');
        if (colon < 1) {
            throw wrong(text, "it is not HOST:PORT");
        }
        String host = text.substring(0, colon);
        final boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (bracketed) {
            host = host.substring(1, host.length() - 1);
        }
        if (bracketed != (host.indexOf(':') >= 0)) {
            throw wrong(text, "an IPv6 address, and nothing else, stands in brackets: [::1]:9897");
        }
        final InetAddress address;
        try {
            address = InetAddress.getByName(host);
        } catch (final UnknownHostException e) {
            throw wrong(text, "the host '" + host + "' is not known");
        }
        return new InetSocketAddress(address, port(text, text.substring(colon + 1)));
    }

    private static int port(final String text, final String digits) {
        int port = -1;
        if (digits.length() <= 5 && digits.chars().allMatch(c -> c >= '0' && c <= '9') && !digits.isEmpty()) {
            port = Integer.parseInt(digits);
        }
        if (port < 0 || port > PORT_MAX) {
            throw wrong(text, "the port is not a number from 0 to " + PORT_MAX);
        }
        return port;
    }

    private static IllegalArgumentException wrong(final String text, final String why) {
        return new IllegalArgumentException("metrics.listen: '" + text + "': " + why);
    }
}
