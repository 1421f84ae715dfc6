package org.amverdict.config;

import java.net.InetSocketAddress;
import java.util.Locale;
import org.amverdict.packet.IpAddress;
import org.amverdict.policy.PortSet;

/**
 * A TCP address to listen on. Immutable.
 *
 * @param address IPv4 or IPv6, without brackets
 * @param port 0 to 65535; 0 lets the kernel choose
 */
public record ListenAddress(String address, int port) {
    /**
     * Reads "127.0.0.1:9897" or "[::1]:9897".
     *
     * @throws IllegalArgumentException with a message for the operator
     */
    public static ListenAddress parse(final String text) {
        final int colon = text.lastIndexOf(':');
        final String portText = colon < 0 ? "" : text.substring(colon + 1);
        if (!portText.matches("[0-9]{1,5}") || Integer.parseInt(portText) > PortSet.PORT_MAX) {
            throw new IllegalArgumentException("'" + text + "' is not address:port; write \"127.0.0.1:9897\" or off");
        }
        String host = text.substring(0, colon);
        final boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (bracketed) {
            host = host.substring(1, host.length() - 1);
        }
        final IpAddress parsed = IpAddress.parse(host);
        if (parsed == null) {
            throw new IllegalArgumentException("'" + host + "' is not an address; names are not looked up, so write "
                    + (host.toLowerCase(Locale.ROOT).equals("localhost") ? "127.0.0.1" : "the address"));
        }
        if (bracketed != host.contains(":")) {
            throw new IllegalArgumentException("write IPv6 addresses in brackets and IPv4 addresses without: \"["
                    + "::1]:9897\", \"127.0.0.1:9897\"");
        }
        return new ListenAddress(parsed.toString(), Integer.parseInt(portText));
    }

    /** For the socket; the address is not looked up. */
    public InetSocketAddress toSocketAddress() {
        return new InetSocketAddress(address, port);
    }

    /** Whether only this host can connect. */
    public boolean isLoopback() {
        return address.startsWith("127.") || address.equals("::1");
    }

    @Override
    public String toString() {
        return (address.indexOf(':') < 0 ? address : "[" + address + "]") + ":" + port;
    }
}
