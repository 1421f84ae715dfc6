package org.amverdict.nfqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.amverdict.nfqueue.ffi.CLayout;
import org.amverdict.nfqueue.ffi.LibC;
import org.amverdict.nfqueue.ffi.NativeLibraries;
import org.amverdict.nfqueue.ffi.NativeMemory;

/** A service manager's end of NOTIFY_SOCKET. One thread. */
public final class NotifyListener implements AutoCloseable {
    private static final int MESSAGE_BYTES = 4096;

    private final LibC libC = NativeLibraries.libC();
    private final ReceiveBatch batch = new ReceiveBatch(1, MESSAGE_BYTES);
    private final int fd = libC.socket(CLayout.AF_UNIX, CLayout.SOCK_DGRAM | CLayout.SOCK_CLOEXEC, 0);
    private final QueueSocket socket = QueueSocket.ofDescriptor(fd);

    /** @param name path, or {@code @} and an abstract name */
    public NotifyListener(final String name) {
        assertTrue(fd >= 0);
        final byte[] path = name.replace('@', '\0').getBytes(StandardCharsets.UTF_8);
        final NativeMemory address = new NativeMemory(CLayout.SOCKADDR_UN_SIZE);
        address.bytes().setShortLE(CLayout.SOCKADDR_UN_FAMILY, CLayout.AF_UNIX);
        address.bytes().setBytes(CLayout.SOCKADDR_UN_PATH, path);
        assertEquals(0, libC.bind(fd, address.address(), CLayout.SOCKADDR_UN_PATH + path.length));
        address.keepReachable();
    }

    /** The next message, or "" if none comes in time; 0: does not wait. */
    public String receive(final int timeoutMillis) {
        if (socket.receive(batch, timeoutMillis) == 0) {
            return "";
        }
        return batch.slab().toString(batch.offset(0), batch.length(0), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        socket.close();
    }
}
