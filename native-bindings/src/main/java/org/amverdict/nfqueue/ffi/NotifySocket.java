package org.amverdict.nfqueue.ffi;

import java.nio.charset.StandardCharsets;

/**
 * The datagram socket through which a service notifies its service manager, see sd_notify(3): variable assignments, one
 * per line. No JDK has AF_UNIX datagrams. Any thread may call; each message is one datagram on its own socket.
 */
public final class NotifySocket {
    /** Longest message that is sent; the rest is cut off. */
    public static final int MESSAGE_MAX_BYTES = 2048;

    private static final int PATH_MAX = CLayout.SOCKADDR_UN_SIZE - CLayout.SOCKADDR_UN_PATH;

    private final byte[] path;

    /**
     * @param address NOTIFY_SOCKET: an absolute path, or {@code @} and the name of an abstract socket
     * @throws IllegalArgumentException if it is not one of these, or too long
     */
    public NotifySocket(final String address) {
        path = address.getBytes(StandardCharsets.UTF_8);
        if (!address.startsWith("/") && !address.startsWith("@")) {
            throw new IllegalArgumentException("NOTIFY_SOCKET is neither a path nor an abstract socket: " + address);
        }
        if (path.length < 2 || path.length > PATH_MAX) {
            throw new IllegalArgumentException("NOTIFY_SOCKET has " + path.length + " bytes, want 2 to " + PATH_MAX);
        }
        if (path[0] == '@') {
            path[0] = 0; // a leading NUL makes it abstract
        }
    }

    /**
     * Sends one message; waits for room if the manager is slow to read.
     *
     * @throws NativeException if no process listens there
     */
    public void send(final String message) {
        final LibC libC = NativeLibraries.libC();
        final byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        final int length = Math.min(bytes.length, MESSAGE_MAX_BYTES);
        final NativeMemory address = new NativeMemory(CLayout.SOCKADDR_UN_SIZE);
        address.bytes().setShortLE(CLayout.SOCKADDR_UN_FAMILY, CLayout.AF_UNIX);
        address.bytes().setBytes(CLayout.SOCKADDR_UN_PATH, path);
        final NativeMemory text = new NativeMemory(Math.max(1, length));
        text.bytes().setBytes(0, bytes, 0, length);
        final int fd = libC.socket(CLayout.AF_UNIX, CLayout.SOCK_DGRAM | CLayout.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            throw NativeLibraries.failure("open a socket to the service manager", "");
        }
        try {
            // The exact length: for an abstract name every byte counts.
            if (libC.connect(fd, address.address(), CLayout.SOCKADDR_UN_PATH + path.length) != 0
                    || libC.send(fd, text.address(), length, 0) < 0) {
                throw NativeLibraries.failure("notify the service manager", "see NOTIFY_SOCKET");
            }
        } finally {
            libC.close(fd);
            address.keepReachable();
            text.keepReachable();
        }
    }
}
