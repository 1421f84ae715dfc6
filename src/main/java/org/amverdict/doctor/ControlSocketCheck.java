package org.amverdict.doctor;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.amverdict.config.Settings;
import org.amverdict.host.Host;
import org.amverdict.host.SocketOwner;

/** The control socket can be created, or belongs to our own daemon. */
final class ControlSocketCheck implements SettingsCheck {
    private static final String ACCEPTING = "00010000";
    private static final int PATH_FIELD = 7;
    private static final int INODE_FIELD = 6;
    private static final int FLAGS_FIELD = 3;

    @Override
    public String name() {
        return "control-socket";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        final Path socket = settings.control().socket();
        if (socket == null) {
            return List.of(Finding.ok("the control socket is off"));
        }
        // Num, references, protocol, flags, type, state, inode, path.
        final Optional<String[]> listener = host.read("/proc/net/unix")
                .orEmpty()
                .lines()
                .map(line -> line.strip().split(" +", PATH_FIELD + 1))
                .filter(fields -> fields.length > PATH_FIELD
                        && fields[FLAGS_FIELD].equals(ACCEPTING)
                        && fields[PATH_FIELD].equals(socket.toString()))
                .findFirst();
        if (listener.isPresent()) {
            return List.of(listened(host, examination, socket, listener.get()[INODE_FIELD]));
        }
        final Path directory = socket.getParent();
        if (directory != null && !exists(host, directory)) {
            return List.of(Finding.warning(
                    "there is no directory " + directory + " for the control socket; the systemd unit makes it, a start"
                            + " by hand does not",
                    "install -d -m 0750 " + directory));
        }
        return List.of(Finding.ok("no daemon listens on " + socket));
    }

    private static Finding listened(
            final Host host, final Examination examination, final Path socket, final String inode) {
        final Optional<SocketOwner> owner = SocketOwner.ofSocket(host, inode);
        if (owner.isEmpty()) {
            return Finding.unknown(
                    "something listens on " + socket + "; only root sees whether it is the daemon", Remedies.AS_ROOT);
        }
        return owner.get().ours()
                ? Finding.ok(owner.get() + " listens on " + socket)
                : Finding.fault(
                        "control.socket: " + socket + " belongs to " + owner.get(),
                        "change control.socket in " + examination.file());
    }

    private static boolean exists(final Host host, final Path directory) {
        final Path parent = directory.getParent();
        final Path name = directory.getFileName();
        return parent == null || name == null || host.list(parent.toString()).contains(name.toString());
    }
}
