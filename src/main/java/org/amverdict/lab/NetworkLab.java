package org.amverdict.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;

/**
 * Four network namespaces that stand for a network: a firewall that forwards and three hosts behind its three
 * interfaces, each with an IPv4 and an IPv6 address set aside for documentation (RFC 5737, RFC 3849).
 *
 * <pre>
 *   server   192.0.2.10    2001:db8:1::10 --+
 *   client   198.51.100.20 2001:db8:2::20 --+-- firewall (.1, ::1)
 *   stranger 203.0.113.66  2001:db8:3::66 --+
 * </pre>
 *
 * Needs root, or root in a user namespace with a writable {@code /run}. Changes nothing outside these namespaces.
 * {@link #close} removes them and everything passed to {@link #own}; so does the end of the JVM.
 */
public final class NetworkLab implements AutoCloseable {
    /** No duplicate address detection: addresses are usable at once. */
    private static final String HOST_SETTINGS = "cd /proc/sys/net/ipv6/conf && for d in all default;"
            + " do echo 0 > $d/accept_dad; echo 0 > $d/dad_transmits; echo 0 > $d/disable_ipv6; done";

    /** The reverse path filter is off, so that forged sources reach the engine, not the kernel's own guard. */
    private static final String ROUTER_SETTINGS = HOST_SETTINGS
            + "; cd /proc/sys/net && echo 1 > ipv6/conf/all/forwarding && echo 1 > ipv4/ip_forward"
            + " && echo 0 > ipv4/conf/all/rp_filter && echo 0 > ipv4/conf/default/rp_filter";

    private final Namespaces namespaces = new Namespaces("demo");
    private final Host firewall;
    private final Host server;
    private final Host client;
    private final Host stranger;

    private NetworkLab() throws IOException {
        boolean done = false;
        try {
            namespaces.add("firewall", ROUTER_SETTINGS);
            attach("server", "192.0.2.", "10", "2001:db8:1::");
            attach("client", "198.51.100.", "20", "2001:db8:2::");
            attach("stranger", "203.0.113.", "66", "2001:db8:3::");
            firewall = host("firewall", "192.0.2.1", "2001:db8:1::1");
            server = host("server", "192.0.2.10", "2001:db8:1::10");
            client = host("client", "198.51.100.20", "2001:db8:2::20");
            stranger = host("stranger", "203.0.113.66", "2001:db8:3::66");
            done = true;
        } finally {
            if (!done) {
                close();
            }
        }
    }

    /**
     * Makes the namespaces.
     *
     * @throws LabException with the command that failed; whatever had been made is removed again
     */
    public static NetworkLab open() throws LabException {
        try {
            return new NetworkLab();
        } catch (final IOException e) {
            throw new LabException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Amanda's backup server: the requester of dumps. */
    public Host server() {
        return server;
    }

    /** The host that is backed up: the responder of dumps. */
    public Host client() {
        return client;
    }

    /** A third host that no allowance names. */
    public Host stranger() {
        return stranger;
    }

    /** Where the packets are judged. */
    public Host firewall() {
        return firewall;
    }

    /** The same namespace under other addresses: those of a host on the far side of a translation. */
    public Host alias(final Host host, final String ipv4, final String ipv6) throws IOException {
        return own(new Host(host.namespace(), InetAddress.getByName(ipv4), InetAddress.getByName(ipv6)));
    }

    /** The name of every namespace in this lab, without its last word. */
    public String prefix() {
        return namespaces.prefix();
    }

    /**
     * Has {@code resource} closed before the namespaces go; the last one handed over is closed first.
     *
     * @throws IOException if the lab is closed already; the resource is then closed too
     */
    public <T extends AutoCloseable> T own(final T resource) throws IOException {
        return namespaces.own(resource);
    }

    private void attach(final String role, final String net4, final String number, final String net6)
            throws IOException {
        namespaces.add(role, HOST_SETTINGS);
        namespaces.ip(
                role, "link", "add", "eth0", "type", "veth", "peer", "name", role, "netns", prefix() + "firewall");
        address("firewall", role, net4 + "1/24", net6 + "1/64");
        address(role, "eth0", net4 + number + "/24", net6 + number + "/64");
        namespaces.ip(role, "route", "add", "default", "via", net4 + "1");
        namespaces.ip(role, "-6", "route", "add", "default", "via", net6 + "1");
    }

    private void address(final String role, final String device, final String ipv4, final String ipv6)
            throws IOException {
        namespaces.ip(role, "addr", "add", ipv4, "dev", device);
        namespaces.ip(role, "addr", "add", ipv6, "dev", device, "nodad");
        namespaces.ip(role, "link", "set", device, "up");
    }

    private Host host(final String role, final String ipv4, final String ipv6) throws IOException {
        return namespaces.host(role, InetAddress.getByName(ipv4), InetAddress.getByName(ipv6));
    }

    /**
     * Closes what the lab owns and removes the namespaces. Safe to call twice.
     *
     * @throws UncheckedIOException if a namespace could not be removed; all others have been tried
     */
    @Override
    public void close() {
        namespaces.close();
    }
}
