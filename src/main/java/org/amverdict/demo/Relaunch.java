package org.amverdict.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.amverdict.host.Subprocess;

/**
 * Runs the demo again in new namespaces: as namespace root if the user is not root, and with an IPv6 address if Java
 * saw none at its start and would therefore open only IPv4 sockets.
 */
final class Relaunch {
    /** Set in the second run, which must not start a third. */
    private static final String MARK = "AMVERDICT_DEMO_RELAUNCHED";

    private static final String LOOPBACK = "ip link set lo up && ";
    /** {@code ip netns} keeps its names under /run, which we may not write. */
    private static final String OWN_RUN = "mount -t tmpfs tmpfs /run && ";

    private static final String EXEC = "exec \"$@\"";

    private Relaunch() {}

    static boolean done() {
        return System.getenv(MARK) != null;
    }

    /** Whether Java, when it loads its network library, will find that this namespace has no IPv6 (net_util_md.c). */
    static boolean needsIpv6() {
        try {
            return Files.readString(Path.of("/proc/self/net/if_inet6")).isEmpty();
        } catch (final IOException e) {
            return false; // a kernel without IPv6: another namespace would not have it either
        }
    }

    /** Whether this user may create user, network and mount namespaces. */
    static boolean namespacesAreOpenToUser() {
        try {
            return Subprocess.attempt(List.of("unshare", "-Urnm", "sh", "-c", OWN_RUN + LOOPBACK + "true"), "")
                            .status()
                    == 0;
        } catch (final IOException e) {
            return false;
        }
    }

    /** Runs the demo as root of a user namespace and waits for its end. */
    static int inUserNamespace(final Path launcher) throws IOException {
        return run(launcher, Tier.UNPRIVILEGED, "-Urnm", OWN_RUN + LOOPBACK + EXEC);
    }

    /** Runs the demo in a network namespace with a loopback address and waits for its end. */
    static int inNetworkNamespace(final Path launcher, final Tier tier) throws IOException {
        return run(launcher, tier, "-n", LOOPBACK + EXEC);
    }

    private static int run(final Path launcher, final Tier tier, final String namespaces, final String script)
            throws IOException {
        final List<String> command = new ArrayList<>(List.of("unshare", namespaces, "sh", "-c", script, "sh"));
        command.addAll(List.of(launcher.toString(), "demo"));
        final ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().put(MARK, "1");
        builder.environment().put(Tier.VARIABLE, tier.name().toLowerCase(java.util.Locale.ROOT));
        try {
            final Process process = builder.start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "end-second-run"));
            return process.waitFor();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the demo ran", e);
        }
    }
}
