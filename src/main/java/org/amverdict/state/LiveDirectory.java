package org.amverdict.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import org.amverdict.text.FileFailure;

/**
 * The directory of {@code state.live}: what outlives the process but not this run of the kernel. It belongs to the
 * user of this process, no other user can write there, and one process at a time has it: the kernel takes the lock back
 * when that process dies, however it dies.
 *
 * <p>One per process, made at the start and closed at the end. Nothing else may open the file {@code lock}: closing any
 * descriptor of it gives the lock back, fcntl_locking(2).
 */
public final class LiveDirectory implements AutoCloseable {
    private static final String LOCK = "lock";
    private static final Set<PosixFilePermission> OWN =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    static final FileAttribute<?> PRIVATE_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    static final FileAttribute<?> PRIVATE_FILE = PosixFilePermissions.asFileAttribute(OWN);
    private static final Path STATUS = Path.of("/proc/self/status");
    /** Longest text of a process id. */
    private static final int PID_BYTES_MAX = 20;

    private final Path directory;
    private final int user;
    private final FileChannel lock;

    private LiveDirectory(final Path directory, final int user, final FileChannel lock) {
        this.directory = directory;
        this.user = user;
        this.lock = lock;
    }

    /**
     * Makes the directory if there is none, and takes it.
     *
     * @throws IOException if it cannot be made or is not safe, or another process has it; the message names it
     */
    public static LiveDirectory open(final Path directory) throws IOException {
        final int user = user();
        try {
            make(directory);
        } catch (final IOException e) {
            throw new IOException(directory + " cannot be made: " + FileFailure.of(e), e);
        }
        checkSafe(directory, user);
        final FileChannel lock;
        try {
            lock = FileChannel.open(
                    directory.resolve(LOCK),
                    Set.of(
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            LinkOption.NOFOLLOW_LINKS),
                    PRIVATE_FILE);
        } catch (final IOException e) {
            throw new IOException(directory + " cannot be written: " + FileFailure.of(e), e);
        }
        try {
            take(directory, lock);
        } catch (final IOException e) {
            lock.close();
            throw e;
        }
        return new LiveDirectory(directory, user, lock);
    }

    private static void make(final Path directory) throws IOException {
        final Path parent = directory.toAbsolutePath().getParent();
        if (parent != null && !Files.isDirectory(parent)) {
            Files.createDirectories(parent, PRIVATE_DIRECTORY);
        }
        try {
            Files.createDirectory(directory, PRIVATE_DIRECTORY);
        } catch (final FileAlreadyExistsException e) {
            // Usual; what it is, is checked next.
            return;
        }
    }

    /** A link or a directory of another user could lead anywhere, and in one that others can write, so could a file. */
    private static void checkSafe(final Path directory, final int user) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(directory + " is not a directory");
        }
        final int owner = owner(directory);
        if (owner != user) {
            throw new IOException(directory + " belongs to user " + owner + ", and this process is user " + user
                    + ": chown " + user + " " + directory);
        }
        final Set<PosixFilePermission> permissions =
                Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS);
        if (permissions.contains(PosixFilePermission.GROUP_WRITE)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException("other users can write in " + directory + ": chmod 700 " + directory);
        }
    }

    private static void take(final Path directory, final FileChannel lock) throws IOException {
        boolean taken;
        try {
            taken = lock.tryLock() != null;
        } catch (final OverlappingFileLockException e) {
            taken = false; // this very process, as in a test
        }
        if (!taken) {
            final ByteBuffer holder = ByteBuffer.allocate(PID_BYTES_MAX);
            lock.read(holder, 0);
            final String pid = new String(holder.array(), 0, holder.position(), StandardCharsets.US_ASCII);
            throw new IOException("process " + (pid.matches("\\d+") ? pid : "(unknown)") + " has " + directory);
        }
        lock.truncate(0);
        lock.write(ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
    }

    /** The user that files of this process belong to: the last number of Uid in proc_pid_status(5). */
    private static int user() throws IOException {
        for (final String line : Files.readAllLines(STATUS)) {
            if (line.startsWith("Uid:")) {
                return Integer.parseUnsignedInt(line.substring(line.lastIndexOf('\t') + 1));
            }
        }
        throw new IOException(STATUS + " names no user");
    }

    private static int owner(final Path file) throws IOException {
        return (Integer) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    }

    /** A file of the directory. */
    public Path file(final String name) {
        return directory.resolve(name);
    }

    /**
     * Checks that a file in it is one that this program can have made: a regular file of this user, without a second
     * name, that no other user may open.
     *
     * @throws java.nio.file.NoSuchFileException if there is none
     * @throws IOException if it is not; the message says why, without the name
     */
    public void checkOwn(final Path file) throws IOException {
        final int mode = (Integer) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("it is not a regular file");
        }
        if (owner(file) != user) {
            throw new IOException("it belongs to user " + owner(file));
        }
        if ((mode & 0_077) != 0) {
            throw new IOException("other users may open it");
        }
        if ((Integer) Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS) != 1) {
            throw new IOException("it has a second name");
        }
    }

    /** Whether its files are in memory. On a disk, the kernel may make a write wait. */
    public boolean inMemory() throws IOException {
        final String type = Files.getFileStore(directory).type();
        return type.equals("tmpfs") || type.equals("ramfs");
    }

    @Override
    public String toString() {
        return directory.toString();
    }

    /** Gives the directory back; its files stay. */
    @Override
    public void close() throws IOException {
        lock.close();
    }
}
