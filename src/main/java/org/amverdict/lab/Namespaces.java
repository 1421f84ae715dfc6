package org.amverdict.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.amverdict.host.Subprocess;

/**
 * Named network namespaces for one purpose, and the resources to close before they go. {@link #close} removes them and
 * everything passed to {@link #own}; so does the end of the JVM, even by a signal. Any thread.
 */
public final class Namespaces implements AutoCloseable {
    private static final AtomicInteger SETS = new AtomicInteger();

    private final String prefix;
    private final List<String> names = new ArrayList<>();
    private final Deque<AutoCloseable> owned = new ArrayDeque<>();
    /** Guards the cleanup list: the JVM may end while the namespaces are being made. */
    private final Object guard = new Object();

    private final Thread hook = new Thread(this::release, "namespaces-cleanup");
    private boolean closed;

    /** @param purpose a word for their names, as in {@code amv-PURPOSE-PID-N-ROLE} */
    public Namespaces(final String purpose) {
        prefix = "amv-" + purpose + "-" + ProcessHandle.current().pid() + "-" + SETS.incrementAndGet() + "-";
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** The name of every namespace in this set, without its last word. */
    public String prefix() {
        return prefix;
    }

    /**
     * Makes a namespace with its loopback up.
     *
     * @param role last word of its name
     * @param settings shell commands to run in it first
     * @throws IOException with the command that failed
     */
    public void add(final String role, final String settings) throws IOException {
        final String name = prefix + role;
        synchronized (guard) {
            if (closed) {
                throw new IOException("the lab is closed");
            }
            Subprocess.run(List.of("ip", "netns", "add", name));
            names.add(name);
        }
        Subprocess.run(List.of("ip", "netns", "exec", name, "sh", "-c", settings));
        ip(role, "link", "set", "lo", "up");
    }

    /** Runs {@code ip} in the namespace of that role. */
    public void ip(final String role, final String... words) throws IOException {
        final List<String> command = new ArrayList<>(List.of("ip", "-n", prefix + role));
        command.addAll(List.of(words));
        Subprocess.run(command);
    }

    /** The host in the namespace of that role; closed with the others. */
    public Host host(final String role, final InetAddress ipv4, final InetAddress ipv6) throws IOException {
        return own(new Host(prefix + role, ipv4, ipv6));
    }

    /**
     * Has {@code resource} closed before the namespaces go; the last one handed over is closed first.
     *
     * @throws IOException if the set is closed already; the resource is then closed too
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

    /**
     * Closes the owned resources and removes the namespaces. Safe to call twice.
     *
     * @throws UncheckedIOException if a namespace could not be removed; all others have been tried
     */
    @Override
    public void close() {
        release();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (final IllegalStateException e) {
            // The JVM is already shutting down: the hook may run again and finds nothing to do.
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
            for (final String name : names) {
                try {
                    Subprocess.run(List.of("ip", "netns", "delete", name));
                } catch (final IOException e) {
                    left.add(e.getMessage());
                }
            }
            names.clear();
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
