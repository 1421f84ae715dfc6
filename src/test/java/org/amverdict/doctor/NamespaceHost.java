package org.amverdict.doctor;

import java.util.List;
import java.util.OptionalInt;
import org.amverdict.host.Host;
import org.amverdict.host.LocalHost;
import org.jspecify.annotations.Nullable;

/**
 * The real host as a thread in another network namespace sees it. Only the command line of this JVM is not its own: a socket
 * that a test binds to a queue counts as the daemon's.
 */
final class NamespaceHost implements Host {
    private static final String OWN_COMMAND = "/proc/" + ProcessHandle.current().pid() + "/cmdline";
    private static final int TOOL_SECONDS_MAX = 20;

    private final LocalHost real = new LocalHost(TOOL_SECONDS_MAX);

    @Override
    public Text read(final String path) {
        // /proc/net is that of the process, which stays where it is.
        return path.equals(OWN_COMMAND)
                ? new Text(Access.OK, HostChecksTest.DAEMON)
                : real.read(path.replaceFirst("^/proc/net/", "/proc/thread-self/net/"));
    }

    @Override
    public Storage storage(final String path) {
        return real.storage(path);
    }

    @Override
    public Text tail(final String path) {
        return real.tail(path);
    }

    @Override
    public List<String> list(final String path) {
        return real.list(path);
    }

    @Override
    public @Nullable String link(final String path) {
        return real.link(path);
    }

    @Override
    public Text run(final String debianPackage, final String... command) {
        return real.run(debianPackage, command);
    }

    @Override
    public String variable(final String name) {
        return real.variable(name);
    }

    @Override
    public String property(final String name) {
        return real.property(name);
    }

    @Override
    public Text queueLibrary() {
        return real.queueLibrary();
    }

    @Override
    public OptionalInt receiveBuffer(final int wantedBytes) {
        return real.receiveBuffer(wantedBytes);
    }

    @Override
    public boolean clockSynchronised() {
        return real.clockSynchronised();
    }
}
