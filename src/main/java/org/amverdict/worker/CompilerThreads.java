package org.amverdict.worker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amverdict.nfqueue.ffi.NativeThread;

/** The threads of HotSpot that compile, as the kernel names them. Any thread. */
final class CompilerThreads {
    private static final Path THREADS = Path.of("/proc/self/task");

    private CompilerThreads() {}

    /** Lets them run only where nothing else wants to, or as usual again; as far as it may be done. */
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
