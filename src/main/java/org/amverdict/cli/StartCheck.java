package org.amverdict.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.amverdict.config.QueueRange;
import org.amverdict.config.Settings;
import org.amverdict.control.ControlClient;
import org.amverdict.control.ControlException;
import org.amverdict.host.ExitCode;
import org.amverdict.host.Host;
import org.amverdict.host.SocketOwner;
import org.amverdict.host.StartCommands;
import org.amverdict.json.JsonLine;
import org.amverdict.nfqueue.Capabilities;
import org.amverdict.nfqueue.KernelQueues;
import org.amverdict.nfqueue.KernelQueues.KernelQueue;

/**
 * What keeps this process from being the daemon, looked at before it touches a file that may be another daemon's: its
 * saved state, its events. Reads only.
 */
final class StartCheck {
    private static final String QUEUES = "/proc/net/netfilter/nfnetlink_queue";

    private StartCheck() {}

    /**
     * Why it cannot run.
     *
     * @param message for the operator
     */
    record Obstacle(String message, int exitCode) {}

    /**
     * The first obstacle, if there is one.
     *
     * @param inherited queues whose sockets this process has
     */
    static Optional<Obstacle> find(final Settings settings, final Host host, final Set<Integer> inherited) {
        final StartCommands manager = StartCommands.of(host);
        if (!Capabilities.hasNetAdmin()) {
            return Optional.of(new Obstacle(
                    "run needs CAP_NET_ADMIN, which user " + System.getProperty("user.name") + " does not have: run it"
                            + " as root (sudo)"
                            + (manager == StartCommands.SYSTEMD ? ", or start the service: " + manager.start() : ""),
                    ExitCode.NO_PERMISSION));
        }
        return queues(settings, host, inherited).or(() -> socket(settings, manager));
    }

    private static Optional<Obstacle> queues(final Settings settings, final Host host, final Set<Integer> inherited) {
        // Not readable: the kernel says it later, if a queue is taken.
        final KernelQueues bound = KernelQueues.parse(host.read(QUEUES).orEmpty());
        for (final QueueRange range : settings.queues()) {
            for (int number = range.first(); number <= range.last(); number++) {
                final int queue = number;
                final Optional<Obstacle> taken = inherited.contains(number)
                        ? Optional.empty()
                        : bound.queue(number).map(found -> taken(queue, found, host));
                if (taken.isPresent()) {
                    return taken;
                }
            }
        }
        return Optional.empty();
    }

    private static Obstacle taken(final int number, final KernelQueue queue, final Host host) {
        final Optional<SocketOwner> owner = SocketOwner.ofNetlinkPort(host, queue.portId());
        if (owner.isPresent() && owner.get().ours()) {
            return running(owner.get().pid(), "and has queue " + number, StartCommands.of(host));
        }
        return new Obstacle(
                "queue " + number + " is taken by "
                        + owner.map(Object::toString)
                                .orElse("netlink port id " + queue.portId()
                                        + ", often the process id of its owner (ss -fp netlink shows it)")
                        + "; stop that process, or choose other numbers in queues",
                ExitCode.UNAVAILABLE);
    }

    private static Obstacle running(final long pid, final String how, final StartCommands manager) {
        return new Obstacle(
                "amverdict already runs (process " + pid + ") " + how
                        + "; stop that one (" + manager.stop(pid) + "), or give this one queues, control.socket,"
                        + " events.file and state.file of its own",
                ExitCode.UNAVAILABLE);
    }

    private static Optional<Obstacle> socket(final Settings settings, final StartCommands manager) {
        final Path path = settings.control().socket();
        if (path == null || !Files.exists(path)) {
            return Optional.empty();
        }
        try (ControlClient daemon = ControlClient.connect(path)) {
            final long pid = daemon.ask(new JsonLine().add("command", "status")).number("pid");
            return Optional.of(running(pid, "and answers at " + path, manager));
        } catch (final ControlException e) {
            return Optional.empty(); // a socket that was left behind, or one that the daemon itself complains about
        }
    }
}
