package org.amverdict.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.amverdict.nfqueue.Clock;
import org.amverdict.nfqueue.QueueSocket;
import org.amverdict.nfqueue.ffi.NativeException;
import org.amverdict.nfqueue.ffi.NativeLibraries;
import org.jspecify.annotations.Nullable;

/** The host that this program runs on, in the network namespace of its process. Any thread. */
public final class LocalHost implements Host {
    private static final int BYTES_MAX = 8 << 20;
    private static final int NAMES_MAX = 100_000;

    private static final int TOOL_SECONDS_USUAL = 15;

    private final int toolSecondsMax;

    /** Tools have the usual time. */
    public LocalHost() {
        this(TOOL_SECONDS_USUAL);
    }

    /** @param toolSecondsMax how long one tool may take */
    public LocalHost(final int toolSecondsMax) {
        this.toolSecondsMax = toolSecondsMax;
    }

    @Override
    public Storage storage(final String path) {
        final Path file = Path.of(path).toAbsolutePath();
        final Path folder = file.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            return new Storage(false, false, false, 0);
        }
        final boolean there = Files.exists(file);
        try {
            return new Storage(
                    true,
                    there && !Files.isRegularFile(file),
                    Files.isWritable(there ? file : folder),
                    Files.getFileStore(folder).getUsableSpace());
        } catch (final IOException e) {
            return new Storage(true, false, false, 0);
        }
    }

    @Override
    public Text read(final String path) {
        return attempt(path, () -> {
            try (InputStream file = Files.newInputStream(Path.of(path));
                    InputStream in = path.endsWith(".gz") ? new GZIPInputStream(file) : file) {
                return new String(in.readNBytes(BYTES_MAX), StandardCharsets.UTF_8);
            }
        });
    }

    @Override
    public Text tail(final String path) {
        return attempt(path, () -> {
            try (FileChannel file = FileChannel.open(Path.of(path))) {
                final long from = Math.max(0, file.size() - BYTES_MAX);
                final String text = new String(
                        Channels.newInputStream(file.position(from)).readNBytes(BYTES_MAX), StandardCharsets.UTF_8);
                return from == 0 ? text : text.substring(text.indexOf('\n') + 1);
            }
        });
    }

    private static Text attempt(final String path, final Callable<String> reading) {
        try {
            return new Text(Access.OK, reading.call());
        } catch (final NoSuchFileException e) {
            return new Text(Access.MISSING, path + ": no such file");
        } catch (final AccessDeniedException e) {
            return new Text(Access.DENIED, path + ": not readable by this user");
        } catch (final Exception e) {
            return new Text(
                    String.valueOf(e.getMessage()).contains("not permitted") ? Access.DENIED : Access.FAILED,
                    path + ": " + e.getMessage());
        }
    }

    @Override
    public List<String> list(final String path) {
        try (Stream<Path> entries = Files.list(Path.of(path))) {
            return entries.limit(NAMES_MAX)
                    .map(entry -> entry.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (final NotDirectoryException | NoSuchFileException | AccessDeniedException e) {
            return List.of();
        } catch (final IOException | java.io.UncheckedIOException e) {
            return List.of(); // a process that has just ended
        }
    }

    @Override
    public @Nullable String link(final String path) {
        try {
            return Files.readSymbolicLink(Path.of(path)).toString();
        } catch (final IOException | UnsupportedOperationException e) {
            return null;
        }
    }

    @Override
    public Text run(final String debianPackage, final String... command) {
        try {
            return new Text(Access.OK, Tool.run(debianPackage, "", List.of(command), toolSecondsMax));
        } catch (final ToolException e) {
            final Access access = switch (e.why()) {
                case UNAVAILABLE -> Access.MISSING;
                case NOT_PERMITTED -> Access.DENIED;
                case FAILED -> Access.FAILED;
            };
            return new Text(access, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public String variable(final String name) {
        final String value = System.getenv(name);
        return value == null ? "" : value;
    }

    @Override
    public String property(final String name) {
        return System.getProperty(name, "");
    }

    @Override
    public Text queueLibrary() {
        try {
            NativeLibraries.libNetfilterQueue();
            return new Text(Access.OK, "");
        } catch (final NativeException e) {
            return new Text(Access.MISSING, String.valueOf(e.getMessage()));
        } catch (final LinkageError e) {
            return new Text(Access.FAILED, "Java cannot call C: " + e.getMessage());
        }
    }

    @Override
    public OptionalInt receiveBuffer(final int wantedBytes) {
        try {
            return OptionalInt.of(QueueSocket.grantedReceiveBuffer(wantedBytes));
        } catch (final NativeException | LinkageError e) {
            return OptionalInt.empty();
        }
    }

    @Override
    public boolean clockSynchronised() {
        return Clock.isSynchronised();
    }
}
