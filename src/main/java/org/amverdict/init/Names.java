package org.amverdict.init;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.amverdict.packet.IpAddress;

/** Looks up many names at a time, as this host does it: /etc/hosts, then DNS, or what nsswitch.conf says. Stateless. */
public final class Names {
    /** Names that one call looks up; more are a mistake. */
    public static final int NAMES_MAX = 20_000;

    private static final int THREADS = 16;
    private static final long SECONDS_MAX = 60;

    private Names() {}

    /**
     * The addresses of each name, in its order; none if there is no such name, or no answer within a minute. Blocks.
     *
     * @throws IllegalArgumentException for more than {@link #NAMES_MAX} names
     */
    public static Map<String, List<IpAddress>> lookUp(final Set<String> names) throws InterruptedException {
        if (names.size() > NAMES_MAX) {
            throw new IllegalArgumentException("more than " + NAMES_MAX + " names");
        }
        final ExecutorService threads = Executors.newFixedThreadPool(THREADS, task -> {
            final Thread thread = new Thread(task, "amverdict-names");
            thread.setDaemon(true);
            return thread;
        });
        try {
            final Map<String, Future<List<IpAddress>>> asked = new LinkedHashMap<>();
            names.forEach(name -> asked.put(name, threads.submit(() -> addresses(name))));
            final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_MAX);
            final Map<String, List<IpAddress>> found = new LinkedHashMap<>();
            for (final Map.Entry<String, Future<List<IpAddress>>> each : asked.entrySet()) {
                found.put(each.getKey(), await(each.getValue(), end - System.nanoTime()));
            }
            return found;
        } finally {
            threads.shutdownNow();
        }
    }

    private static List<IpAddress> await(final Future<List<IpAddress>> answer, final long nanos)
            throws InterruptedException {
        try {
            return answer.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
        } catch (final ExecutionException | TimeoutException e) {
            return List.of();
        }
    }

    /** The addresses of one name, or the address that it is already; blocks. */
    public static List<IpAddress> addresses(final String name) {
        final IpAddress literal = IpAddress.parse(name);
        if (literal != null) {
            return List.of(literal);
        }
        final List<IpAddress> found = new ArrayList<>();
        try {
            for (final InetAddress each : InetAddress.getAllByName(name)) {
                final IpAddress address = each.isLinkLocalAddress() ? null : of(each);
                if (address != null && !found.contains(address)) {
                    found.add(address);
                }
            }
        } catch (final UnknownHostException e) {
            return List.of();
        }
        return found;
    }

    static @org.jspecify.annotations.Nullable IpAddress of(final InetAddress address) {
        final String text = String.valueOf(address.getHostAddress());
        final int zone = text.indexOf('%');
        return IpAddress.parse(zone < 0 ? text : text.substring(0, zone));
    }
}
