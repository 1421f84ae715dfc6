package org.amverdict.lab;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.amverdict.host.Subprocess;
import org.amverdict.nfqueue.ffi.NativeThread;

/**
 * One network namespace and a thread that lives in it. A socket always stays in the namespace of the thread that
 * created it (setns(2)), so sockets are opened with {@link #call} and may then be used from any thread. Calls from
 * several threads wait for each other.
 */
public final class Host implements AutoCloseable {
    /** Where ip-netns(8) keeps its names. */
    private static final Path NAMES = Path.of("/run/netns");

    private static final long CALL_SECONDS_MAX = 30;

    private final String namespace;
    private final InetAddress ipv4;
    private final InetAddress ipv6;
    private final ExecutorService thread;

    /**
     * Joins an existing named namespace.
     *
     * @param namespace name as {@code ip netns} knows it
     * @throws IOException if the namespace cannot be joined
     */
    Host(final String namespace, final InetAddress ipv4, final InetAddress ipv6) throws IOException {
        this.namespace = namespace;
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
        this.thread = Executors.newSingleThreadExecutor(work -> {
            final Thread created = new Thread(work, namespace);
            created.setDaemon(true);
            return created;
        });
        try {
            call(() -> {
                NativeThread.enterNetworkNamespace(NAMES.resolve(namespace));
                return true;
            });
        } catch (final IOException e) {
            thread.shutdownNow();
            throw e;
        }
    }

    /**
     * Joins a named namespace that another process made.
     *
     * @param namespace name as {@code ip netns} knows it
     * @throws IOException if the namespace cannot be joined
     */
    public static Host join(final String namespace, final InetAddress ipv4, final InetAddress ipv6) throws IOException {
        return new Host(namespace, ipv4, ipv6);
    }

    /** Name of the namespace. */
    public String namespace() {
        return namespace;
    }

    public InetAddress address(final Family family) {
        return family == Family.IPV4 ? ipv4 : ipv6;
    }

    /**
     * Runs {@code work} on the thread that lives in the namespace.
     *
     * @throws IOException what the work threw, or that it took more than 30 s
     */
    public <T> T call(final Callable<T> work) throws IOException {
        final Future<T> future = thread.submit(work);
        try {
            return future.get(CALL_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (final ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IOException("in namespace " + namespace + ": " + e.getCause(), e.getCause());
        } catch (final TimeoutException e) {
            future.cancel(true);
            throw new IOException("in namespace " + namespace + ": no answer within " + CALL_SECONDS_MAX + " s", e);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for namespace " + namespace, e);
        }
    }

    /** The command line that runs {@code command} in this namespace. */
    public List<String> inside(final List<String> command) {
        final List<String> line = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        line.addAll(command);
        return line;
    }

    /**
     * Runs a short command in this namespace.
     *
     * @return what it wrote, cut at 16 KiB
     * @throws IOException names the command and its output if it failed, is missing or took more than 20 s
     */
    public String run(final String... command) throws IOException {
        return Subprocess.run(inside(List.of(command)));
    }

    /** Ends the thread. Sockets opened on it stay open and keep the namespace alive until they are closed. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
