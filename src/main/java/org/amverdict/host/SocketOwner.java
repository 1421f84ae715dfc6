package org.amverdict.host;

import java.util.List;
import java.util.Optional;
import org.amverdict.text.Printable;

/**
 * The process that has a socket. Immutable.
 *
 * @param pid process id
 * @param program its name, for the reader
 * @param ours whether it is {@code amverdict run}
 */
public record SocketOwner(long pid, String program, boolean ours) {
    private static final int NETLINK_NETFILTER = 12; // linux/netlink.h
    private static final int NAME_MAX = 60;

    /** For the reader. */
    @Override
    public String toString() {
        return (ours ? "amverdict" : program) + " (process " + pid + ")";
    }

    /**
     * The owner of a netlink socket with that port id, which is often, but not always, the id of its process.
     *
     * <p>/proc/net/netlink: sk, protocol, port id, groups, memory, memory, dump, references, drops, inode.
     *
     * @return nothing if /proc does not show it: not root, or the process is in another PID namespace
     */
    public static Optional<SocketOwner> ofNetlinkPort(final Host host, final long portId) {
        return host.read("/proc/net/netlink")
                .orEmpty()
                .lines()
                .map(line -> line.strip().split(" +", -1))
                .filter(fields -> fields.length > 9
                        && fields[1].equals(Integer.toString(NETLINK_NETFILTER))
                        && fields[2].equals(Long.toString(portId)))
                .findFirst()
                .flatMap(fields -> ofSocket(host, fields[9]));
    }

    /** The process that has the socket with that inode open. */
    public static Optional<SocketOwner> ofSocket(final Host host, final String inode) {
        final String wanted = "socket:[" + inode + "]";
        for (final String pid : host.list("/proc")) {
            if (!pid.matches("[0-9]{1,10}")) {
                continue;
            }
            final String descriptors = "/proc/" + pid + "/fd";
            for (final String descriptor : host.list(descriptors)) {
                if (wanted.equals(host.link(descriptors + "/" + descriptor))) {
                    return Optional.of(of(host, Long.parseLong(pid)));
                }
            }
        }
        return Optional.empty();
    }

    private static SocketOwner of(final Host host, final long pid) {
        final List<String> command =
                List.of(host.read("/proc/" + pid + "/cmdline").orEmpty().split("\0", -1));
        final int jar = command.stream()
                .map(word -> word.endsWith("/amverdict.jar") || word.equals("org.amverdict.cli.Main"))
                .toList()
                .indexOf(true);
        final boolean ours = jar >= 0 && command.subList(jar, command.size()).contains("run");
        final String name = host.read("/proc/" + pid + "/comm").orEmpty().strip();
        return new SocketOwner(pid, Printable.of(name.isEmpty() ? "a program" : name, NAME_MAX), ours);
    }
}
