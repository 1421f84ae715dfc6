package org.amverdict.nfqueue.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.ffi.LibraryLoader;
import jnr.ffi.provider.jffi.NoX86;
import jnr.ffi.types.size_t;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * jnr-ffi passes a wrong sixth integer argument on x86-64. The first test keeps us clear of it, the others tell when it
 * has been mended.
 */
class SixArgumentFaultTest {
    private static final int ARGUMENTS_MAX = 5;
    private static final int PAGE = 4096;
    private static final int PROT_READ = 1;
    private static final int MAP_PRIVATE = 2;

    @TempDir
    Path directory;

    /** mmap's sixth argument is the offset in the file. */
    public interface Plain {
        @size_t
        long mmap(@size_t long address, @size_t long length, int protection, int flags, int fd, @size_t long offset);

        int munmap(@size_t long address, @size_t long length);
    }

    /** The same without jnr's generated machine code. */
    @NoX86
    public interface WithoutStub extends Plain {}

    @Test
    void shouldMapNoFunctionWithSixArguments() {
        for (final Class<?> library : new Class<?>[] {LibC.class, LibNetfilterQueue.class}) {
            for (final Method method : library.getMethods()) {
                assertTrue(method.getParameterCount() <= ARGUMENTS_MAX, method + " has too many arguments");
            }
        }
    }

    @Test
    void shouldPassSixArgumentsWithoutTheStub() throws IOException {
        assertEquals(
                "00002000", offsetMapped(LibraryLoader.create(WithoutStub.class).load("libc.so.6")));
    }

    @Test
    void shouldStillBeFaultyWithTheStub() throws IOException {
        assumeTrue("amd64".equals(System.getProperty("os.arch")), "skipped: the fault is that of the x86-64 stub");
        assertNotEquals(
                "00002000",
                offsetMapped(LibraryLoader.create(Plain.class).load("libc.so.6")),
                "the fault is mended: the rule in LibC can go");
    }

    /** Offset of the mapping as the kernel sees it, or "refused". */
    private String offsetMapped(final Plain libC) throws IOException {
        final Path file = Files.write(directory.resolve("pages"), new byte[3 * PAGE]);
        final int fd = NativeLibraries.libC().open(file.toString(), CLayout.O_RDONLY | CLayout.O_CLOEXEC);
        assertTrue(fd >= 0);
        try {
            final long address = libC.mmap(0, PAGE, PROT_READ, MAP_PRIVATE, fd, 2 * PAGE);
            if (address == -1) {
                return "refused";
            }
            try {
                final String start = Long.toHexString(address) + "-";
                return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                        .filter(line -> line.startsWith(start))
                        .map(line -> line.split(" ", -1)[2])
                        .findFirst()
                        .orElse("elsewhere");
            } finally {
                libC.munmap(address, PAGE);
            }
        } finally {
            NativeLibraries.libC().close(fd);
        }
    }
}
