package org.amverdict.control;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import org.amverdict.text.FileFailure;
import org.jspecify.annotations.Nullable;

/** The file of the control socket: made with mode 0660, never over another daemon's, removed at the end. */
final class SocketFile {
    private static final Logger LOG = System.getLogger("org.amverdict.control");
    private static final int BACKLOG = 16;

    private final Path path;
    private final ServerSocketChannel channel;
    private final Object fileKey;

    private SocketFile(final Path path, final ServerSocketChannel channel, final Object fileKey) {
        this.path = path;
        this.channel = channel;
        this.fileKey = fileKey;
    }

    /**
     * Listens.
     *
     * @param group the group that may connect; null: the program's own
     * @throws SocketTakenException if a daemon answers there
     * @throws IOException if it cannot be made; the message says why and what to do
     */
    static SocketFile bind(final Path path, final @Nullable String group) throws IOException, SocketTakenException {
        final Path directory = path.toAbsolutePath().getParent();
        try {
            if (directory != null && !Files.exists(directory)) {
                Files.createDirectory(directory);
            }
        } catch (final IOException e) {
            throw new IOException("cannot make the directory " + directory + ": " + FileFailure.of(e), e);
        }
        removeStale(path);
        final ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.bind(UnixDomainSocketAddress.of(path), BACKLOG);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            if (group != null) {
                admit(path, group);
            }
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
            channel.configureBlocking(false);
            // A client that connected before the mode was set was let in by the umask; it has to reconnect.
            for (SocketChannel early = channel.accept(); early != null; early = channel.accept()) {
                early.close();
            }
            return new SocketFile(path, channel, key(path));
        } catch (final IOException e) {
            channel.close();
            throw new IOException("cannot listen at " + path + ": " + FileFailure.of(e), e);
        }
    }

    /** Gives the socket to the group, which this process must be in unless it is root; or says why not. */
    private static void admit(final Path path, final String group) {
        try {
            final GroupPrincipal principal =
                    path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group);
            Files.getFileAttributeView(path, PosixFileAttributeView.class).setGroup(principal);
        } catch (final UserPrincipalNotFoundException e) {
            LOG.log(
                    Level.WARNING,
                    "control.group: there is no group " + group + ", so only root may use the control socket; make it:"
                            + " addgroup --system " + group);
        } catch (final IOException e) {
            LOG.log(
                    Level.WARNING,
                    "control.group: the control socket cannot be given to the group " + group + ", so only root may use"
                            + " it: " + FileFailure.of(e) + "; the program must be root or in that group"
                            + " (SupplementaryGroups= of its unit)");
        }
    }

    private static Object key(final Path path) throws IOException {
        final Object key = attributes(path).fileKey();
        return key == null ? path : key;
    }

    private static BasicFileAttributes attributes(final Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    /** A killed daemon leaves its socket behind, with no listener. */
    private static void removeStale(final Path path) throws IOException, SocketTakenException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!attributes(path).isOther()) {
            throw new IOException(path + " exists and is no socket");
        }
        try {
            SocketChannel.open(UnixDomainSocketAddress.of(path)).close();
        } catch (final ConnectException e) {
            Files.delete(path);
            return;
        }
        throw new SocketTakenException(
                "another amverdict answers at " + path + "; stop it, or give this one its own control.socket");
    }

    ServerSocketChannel channel() {
        return channel;
    }

    /** Stops listening; removes the file unless it belongs to another daemon by now. */
    void close() throws IOException {
        channel.close();
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && key(path).equals(fileKey)) {
            Files.delete(path);
        }
    }
}
