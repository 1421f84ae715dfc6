package org.amverdict.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

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
 * Needs root, or a user namespace whose root we are with a writable {@code /run}. Nothing outside these namespaces is
 * changed. {@link #close} removes them and what was handed to {@link #own}; so does the end of the JVM.
 */
public final class NetworkLab implements AutoCloseable {
    private static final AtomicInteger LABS = new AtomicInteger();
    /** No duplicate address detection: addresses are usable at once. */
    private static final String HOST_SETTINGS = "cd /proc/sys/net/ipv6/conf && for d in all default;"
            + " do echo 0 > $d/accept_dad; echo 0 > $d/dad_transmits; echo 0 > $d/disable_ipv6; done";

    /** The reverse path filter is off, so that forged sources meet the engine and not the kernel's own guard. */
    private static final String ROUTER_SETTINGS = HOST_SETTINGS
            + "; cd /proc/sys/net && echo 1 > ipv6/conf/all/forwarding && echo 1 > ipv4/ip_forward"
            + " && echo 0 > ipv4/conf/all/rp_filter && echo 0 > ipv4/conf/default/rp_filter";

    private final String prefix = "amv-demo-" + ProcessHandle.current().pid() + "-" + LABS.incrementAndGet() + "-";
    private final List<String> namespaces = new ArrayList<>();
    private final Deque<AutoCloseable> owned = new ArrayDeque<>();
    /** Guards what is to be cleaned up: the end of the JVM may come while the lab is being made. */
    private final Object guard = new Object();

    private boolean closed;
    private final Thread hook = new Thread(this::release, "network-lab-cleanup");
    private final Host firewall;
    private final Host server;
    private final Host client;
    private final Host stranger;

    private NetworkLab() throws IOException {
        Runtime.getRuntime().addShutdownHook(hook);
        boolean done = false;
        try {
            namespace("firewall", ROUTER_SETTINGS);
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

    /** The same namespace under other addresses: what a host is called on the far side of a translation. */
    public Host alias(final Host host, final String ipv4, final String ipv6) throws IOException {
        return own(new Host(host.namespace(), InetAddress.getByName(ipv4), InetAddress.getByName(ipv6)));
    }

    /** What every namespace of this lab is called, but for its last word. */
    public String prefix() {
        return prefix;
    }

    /**
     * Has {@code resource} closed before the namespaces go; the last one handed over is closed first.
     *
     * @throws IOException if the lab is closed already; the resource is then closed too
     */
    public <T extends AutoCloseable> T own(final T resource) throws IOException {
        synchronized (guard) {
            if (!closed) {
                owned.push(resource);
                return resource;
            }
        }
        closeQuietly(resource);
        throw new IOException("the lab is closed");
    }

    private void namespace(final String role, final String settings) throws IOException {
        final String name = prefix + role;
        synchronized (guard) {
            if (closed) {
                throw new IOException("the lab is closed");
            }
            Subprocess.run(List.of("ip", "netns", "add", name));
            namespaces.add(name);
        }
        Subprocess.run(List.of("ip", "netns", "exec", name, "sh", "-c", settings));
        ip(role, "link", "set", "lo", "up");
    }

    private void attach(final String role, final String net4, final String number, final String net6)
            throws IOException {
        namespace(role, HOST_SETTINGS);
        ip(role, "link", "add", "eth0", "type", "veth", "peer", "name", role, "netns", prefix + "firewall");
        address("firewall", role, net4 + "1/24", net6 + "1/64");
        address(role, "eth0", net4 + number + "/24", net6 + number + "/64");
        ip(role, "route", "add", "default", "via", net4 + "1");
        ip(role, "-6", "route", "add", "default", "via", net6 + "1");
    }

    private void address(final String role, final String device, final String ipv4, final String ipv6)
            throws IOException {
        ip(role, "addr", "add", ipv4, "dev", device);
        ip(role, "addr", "add", ipv6, "dev", device, "nodad");
        ip(role, "link", "set", device, "up");
    }

    private void ip(final String role, final String... words) throws IOException {
        final List<String> command = new ArrayList<>(List.of("ip", "-n", prefix + role));
        command.addAll(List.of(words));
        Subprocess.run(command);
    }

    private Host host(final String role, final String ipv4, final String ipv6) throws IOException {
        return own(new Host(prefix + role, InetAddress.getByName(ipv4), InetAddress.getByName(ipv6)));
    }

    /**
     * Closes what the lab owns and removes the namespaces. Safe to call twice.
     *
     * @throws UncheckedIOException if a namespace could not be removed; all others have been tried
     */
    @Override
    public void close() {
        release();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (final IllegalStateException e) {
            // The JVM is going down already: the hook may run once more and finds nothing to do.
            return;
        }
    }

    private void release() {
        synchronized (guard) {
            closed = true;
            while (!owned.isEmpty()) {
                closeQuietly(owned.pop());
            }
            final List<String> left = new ArrayList<>();
            for (final String name : namespaces) {
                try {
                    Subprocess.run(List.of("ip", "netns", "delete", name));
                } catch (final IOException e) {
                    left.add(e.getMessage());
                }
            }
            namespaces.clear();
            if (!left.isEmpty()) {
                throw new UncheckedIOException(new IOException("not removed: " + left));
            }
        }
    }

    private static void closeQuietly(final AutoCloseable resource) {
        try {
            resource.close();
        } catch (final Exception e) {
            System.err.println("clean-up: " + e);
        }
    }
}
