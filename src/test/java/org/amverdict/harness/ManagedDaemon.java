package org.amverdict.harness;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.amverdict.lab.ChildProcess;
import org.amverdict.lab.NetworkLab;
import org.amverdict.nfqueue.ffi.DescriptorStore;
import org.amverdict.nfqueue.ffi.StartWithDescriptors;
import org.amverdict.nfqueue.ffi.UnixChannel;
import org.jspecify.annotations.Nullable;

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
    /** What runs, or ran last. */
    private @Nullable ChildProcess daemon;
    /** Messages to the service manager before the last start. */
    private int messagesBefore;

    /** A start that is ready and waits for the descriptors. */
    private record Next(ChildProcess process, UnixChannel channel) {}

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
        return Objects.requireNonNull(daemon, "not started");
    }

    /** A service manager forks faster than this test can start a Java, so it does that before the stop. */
    private Next prepare() throws IOException {
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
        final ChildProcess process = lab.own(ChildProcess.start(lab.firewall().inside(command), LINES_MAX));
        process.closeInput();
        return new Next(process, DescriptorStore.starter(starters, START_MS));
    }

    /** Starts the program with what the store has; does not wait until it is ready. */
    public void start() throws IOException {
        start(prepare());
    }

    private void start(final Next next) {
        messagesBefore = store.messages().size();
        store.give(next.channel(), START_MS);
        daemon = next.process();
    }

    /** Waits for the program that was started last, and until the store has what that program sent before. */
    public void awaitReady() throws IOException, InterruptedException {
        daemon().awaitPart("ready:", START_MS);
        store.await("READY=1", messagesBefore, START_MS);
    }

    /** SIGTERM and the next start, as {@code systemctl restart}. */
    public void restart() throws IOException, InterruptedException {
        replace(ChildProcess::terminate);
    }

    /** SIGKILL and the next start. */
    public void killAndStart() throws IOException, InterruptedException {
        replace(ChildProcess::kill);
    }

    /** SIGTERM, and waits until it is gone; the store keeps what it has. */
    public void end() throws IOException {
        daemon().terminate();
        if (daemon().awaitExit(START_MS).isEmpty()) {
            throw new IOException("does not end: " + daemon().output());
        }
    }

    private void replace(final Consumer<ChildProcess> end) throws IOException, InterruptedException {
        final Next next = prepare();
        end.accept(daemon());
        if (daemon().awaitExit(START_MS).isEmpty()) {
            throw new IOException("does not end: " + daemon().output());
        }
        start(next);
        awaitReady();
    }

    /** Ends the program, if it runs, and forgets the sockets. */
    @Override
    public void close() {
        if (daemon != null) {
            daemon.close();
        }
        starters.close();
        store.close();
    }
}
