package org.amverdict.worker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amverdict.nfqueue.ffi.NativeThread;

/** HotSpot's compiler threads, by their names in the kernel. Any thread. */
final class CompilerThreads {
    private static final Path THREADS = Path.of("/proc/self/task");

    private CompilerThreads() {}

    /** Lets them run only when no other thread wants to, or as usual again, as far as permitted. */
    static void idle(final boolean idle) {
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
            for (final Path thread : threads) {
                if (compiles(thread)) {
                    NativeThread.idle(Integer.parseInt(thread.getFileName().toString()), idle);
                }
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean compiles(final Path thread) {
        try {
            final String name = Files.readString(thread.resolve("comm"));
            return name.startsWith("C1 Compiler") || name.startsWith("C2 Compiler");
        } catch (final IOException e) {
            // It has ended since the directory was read.
            return false;
        }
    }
}
