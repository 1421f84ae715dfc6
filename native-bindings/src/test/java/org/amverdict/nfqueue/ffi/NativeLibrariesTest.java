package org.amverdict.nfqueue.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NativeLibrariesTest {
    @Test
    void shouldNameThePackageOfAMissingLibrary() {
        final NativeException e = assertThrows(
                NativeException.class, () -> NativeLibraries.load(LibC.class, "libamv-absent.so.1", "libamv-absent1"));

        assertEquals("load libamv-absent.so.1: not found; install the Debian package libamv-absent1", e.getMessage());
        assertEquals(0, e.errno());
        assertNotNull(e.getCause());
    }

    @Test
    void shouldRefuseMachinesOfUnknownLayout() {
        NativeLibraries.requireKnownLayout("amd64", ByteOrder.LITTLE_ENDIAN);
        NativeLibraries.requireKnownLayout("aarch64", ByteOrder.LITTLE_ENDIAN);
        assertThrows(NativeException.class, () -> NativeLibraries.requireKnownLayout("s390x", ByteOrder.BIG_ENDIAN));
        assertThrows(NativeException.class, () -> NativeLibraries.requireKnownLayout("arm", ByteOrder.LITTLE_ENDIAN));
    }

    @Test
    void shouldReportTheErrorNumberOfTheCall() {
        assertEquals(-1, NativeLibraries.libC().close(-1));
        assertEquals(Errno.EBADF, NativeLibraries.errno());
        assertEquals(
                "close: EBADF (bad descriptor, the socket is closed): again",
                NativeLibraries.failure("close", "again").getMessage());
    }

    @Test
    void shouldGiveTheAddressOfItsMemory() {
        // The kernel writes to the address, we read through the buffer.
        final NativeMemory memory = new NativeMemory(16);
        memory.bytes().setIntLE(12, 4);
        final LibC libC = NativeLibraries.libC();
        final int fd = libC.socket(CLayout.AF_NETLINK, CLayout.SOCK_RAW, CLayout.NETLINK_USERSOCK);
        try {
            final int result =
                    libC.getsockopt(fd, CLayout.SOL_SOCKET, CLayout.SO_RCVBUF, memory.address(), memory.address() + 12);
            assertEquals(0, result);
            assertTrue(memory.bytes().getIntLE(0) > 0);
        } finally {
            libC.close(fd);
        }
        assertThrows(IllegalArgumentException.class, () -> new NativeMemory(0));
    }

    @Test
    void shouldKnowItsThread() {
        assertTrue(Files.exists(Path.of("/proc/self/task/" + NativeThread.threadId())));
        assertThrows(IllegalArgumentException.class, () -> NativeThread.pinTo(-1));
        assertThrows(IllegalArgumentException.class, () -> NativeThread.pinTo(1024));
        assertEquals(
                Errno.EINVAL,
                assertThrows(NativeException.class, () -> NativeThread.pinTo(NativeThread.PROCESSOR_MAX))
                        .errno());
        final NativeException e = assertThrows(
                NativeException.class, () -> NativeThread.enterNetworkNamespace(Path.of("/run/netns/amv-absent")));
        assertEquals(Errno.ENOENT, e.errno());
    }
}
