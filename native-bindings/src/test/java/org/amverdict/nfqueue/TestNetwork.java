package org.amverdict.nfqueue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.amverdict.nfqueue.ffi.NativeThread;

/** Two network namespaces joined by a pair of interfaces; what is sent to UDP port 10080 of the second is queued. */
final class TestNetwork implements AutoCloseable {
    static final String CLIENT_ADDRESS = "10.77.0.1";
    static final String SERVER_ADDRESS = "10.77.0.2";
    static final int PORT = 10080;

    private static final int SECONDS = 30;

    private final String client = "amv-native-c" + ProcessHandle.current().pid();
    private final String server = "amv-native-s" + ProcessHandle.current().pid();
    private final ExecutorService clientThread = threadIn(client);
    private final ExecutorService serverThread = threadIn(server);

    /** Why there can be no such network here, or an empty string. */
    static String obstacle() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return "not root";
        }
        try {
            run("ip", "netns", "list");
            run("iptables", "--version");
        } catch (final IOException e) {
            return String.valueOf(e.getMessage());
        }
        return Files.exists(KernelQueues.PATH) ? "" : "no NFQUEUE in this kernel";
    }

    TestNetwork(final int queue, final String... ruleOptions) throws IOException {
        try {
            run("ip", "netns", "add", client);
            run("ip", "netns", "add", server);
            run("ip", "-n", client, "link", "add", "v0", "type", "veth", "peer", "name", "v1", "netns", server);
            run("ip", "-n", client, "addr", "add", CLIENT_ADDRESS + "/24", "dev", "v0");
            run("ip", "-n", server, "addr", "add", SERVER_ADDRESS + "/24", "dev", "v1");
            run("ip", "-n", client, "link", "set", "v0", "up");
            run("ip", "-n", server, "link", "set", "v1", "up");
            final List<String> rule = new ArrayList<>(List.of(
                    "ip",
                    "netns",
                    "exec",
                    server,
                    "iptables",
                    "-A",
                    "INPUT",
                    "-p",
                    "udp",
                    "--dport",
                    "" + PORT,
                    "-j",
                    "NFQUEUE",
                    "--queue-num",
                    "" + queue));
            rule.addAll(Arrays.asList(ruleOptions));
            run(rule.toArray(new String[0]));
        } catch (final IOException e) {
            close();
            throw e;
        }
    }

    /** Runs the task on the one thread that lives in the sender's namespace. */
    <T> T onClient(final Callable<T> task) throws Exception {
        return on(clientThread, task);
    }

    /** Runs the task on the one thread that lives in the namespace with the queue. */
    <T> T onServer(final Callable<T> task) throws Exception {
        return on(serverThread, task);
    }

    ExecutorService clientThread() {
        return clientThread;
    }

    Path serverNamespace() {
        return Path.of("/run/netns", server);
    }

    @Override
    public void close() {
        clientThread.shutdownNow();
        serverThread.shutdownNow();
        for (final String name : List.of(client, server)) {
            try {
                run("ip", "netns", "del", name);
            } catch (final IOException e) {
                // it was never made, and the test fails for the reason why
            }
        }
    }

    private static <T> T on(final ExecutorService thread, final Callable<T> task) throws Exception {
        try {
            return thread.submit(task).get(SECONDS, TimeUnit.SECONDS);
        } catch (final ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private static ExecutorService threadIn(final String namespace) {
        return Executors.newSingleThreadExecutor(task -> {
            final Thread thread = new Thread(
                    () -> {
                        NativeThread.enterNetworkNamespace(Path.of("/run/netns", namespace));
                        task.run();
                    },
                    namespace);
            thread.setDaemon(true);
            return thread;
        });
    }

    static String run(final String... command) throws IOException {
        final Process process =
                new ProcessBuilder(command).redirectErrorStream(true).start();
        final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(String.join(" ", command) + ": " + output);
            }
        } catch (final InterruptedException e) {
            throw new IOException(e);
        }
        return output;
    }
}
