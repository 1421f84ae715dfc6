package org.amverdict.harness;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.amverdict.lab.ChildProcess;
import org.amverdict.lab.NetworkLab;
import org.amverdict.nfqueue.ffi.DescriptorStore;
import org.amverdict.nfqueue.ffi.StartWithDescriptors;
import org.amverdict.nfqueue.ffi.UnixChannel;

/**
 * The packaged program under a service manager that keeps its sockets, as the shipped unit has it: a store that outlives
 * the process, and a start that gets what is in it. For one thread.
 */
public final class ManagedDaemon implements AutoCloseable {
    private static final int LINES_MAX = 2_000;
    private static final int START_MS = 30_000;

    private final NetworkLab lab;
    private final Path configuration;
    private final Path starterPath;
    private final DescriptorStore store;
    private final UnixChannel starters;
    private ChildProcess daemon;
    private ChildProcess next;
    private UnixChannel starter;

    /** @param directory for the sockets of the service manager */
    public ManagedDaemon(final NetworkLab lab, final Path configuration, final Path directory) {
        this.lab = lab;
        this.configuration = configuration;
        starterPath = directory.resolve("starters");
        store = new DescriptorStore(directory.resolve("notify").toString());
        starters = store.starters(starterPath.toString());
    }

    /** The store. */
    public DescriptorStore store() {
        return store;
    }

    /** The program that runs, or ran last. */
    public ChildProcess daemon() {
        return daemon;
    }

    /** Makes the next start ready: a service manager forks faster than this test can start a Java. */
    public void prepare() throws IOException {
        final List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                StartWithDescriptors.class.getName(),
                starterPath.toString(),
                store.notifyPath(),
                EngineLab.launcher().toAbsolutePath().toString(),
                "run",
                "-c",
                configuration.toString()));
        next = lab.own(ChildProcess.start(lab.firewall().inside(command), LINES_MAX));
        next.closeInput();
        starter = DescriptorStore.starter(starters, START_MS);
    }

    /** Starts the program with what the store has; does not wait until it is ready. */
    public void start() throws IOException {
        if (next == null) {
            prepare();
        }
        store.give(starter, START_MS);
        daemon = next;
        next = null;
    }

    /** Waits for the program that was started last. */
    public void awaitReady() throws IOException {
        daemon.awaitPart("ready:", START_MS);
    }

    /** SIGTERM and the next start, as {@code systemctl restart}. */
    public void restart() throws IOException {
        prepare();
        daemon.terminate();
        if (daemon.awaitExit(START_MS).isEmpty()) {
            throw new IOException("does not stop: " + daemon.output());
        }
        start();
        awaitReady();
    }

    /** SIGKILL and the next start. */
    public void killAndStart() throws IOException {
        prepare();
        daemon.kill();
        if (daemon.awaitExit(START_MS).isEmpty()) {
            throw new IOException("is not dead: " + daemon.output());
        }
        start();
        awaitReady();
    }

    @Override
    public void close() {
        if (next != null) {
            next.kill();
        }
        if (daemon != null) {
            daemon.close();
        }
        starters.close();
        store.close();
    }
}
