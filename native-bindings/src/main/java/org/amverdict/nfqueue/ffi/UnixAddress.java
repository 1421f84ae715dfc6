package org.amverdict.nfqueue.ffi;

import java.nio.charset.StandardCharsets;

/** The address of an AF_UNIX socket as C wants it (unix(7)): a path, or {@code @} and an abstract name. Immutable. */
final class UnixAddress {
    private static final int PATH_MAX = CLayout.SOCKADDR_UN_SIZE - CLayout.SOCKADDR_UN_PATH;

    private final NativeMemory memory = new NativeMemory(CLayout.SOCKADDR_UN_SIZE);
    private final int length;

    /**
     * @param what names the address in messages
     * @throws IllegalArgumentException if it is neither a path nor an abstract name, or too long
     */
    UnixAddress(final String what, final String text) {
        final byte[] path = text.getBytes(StandardCharsets.UTF_8);
        if (!text.startsWith("/") && !text.startsWith("@")) {
            throw new IllegalArgumentException(what + " is neither a path nor an abstract socket: " + text);
        }
        if (path.length < 2 || path.length > PATH_MAX) {
            throw new IllegalArgumentException(what + " has " + path.length + " bytes, want 2 to " + PATH_MAX);
        }
        if (path[0] == '@') {
            path[0] = 0; // a leading NUL makes it abstract
        }
        memory.bytes().setShortLE(CLayout.SOCKADDR_UN_FAMILY, CLayout.AF_UNIX);
        memory.bytes().setBytes(CLayout.SOCKADDR_UN_PATH, path);
        // The exact length: for an abstract name every byte counts.
        length = CLayout.SOCKADDR_UN_PATH + path.length;
    }

    /** Connects a socket to it; false with errno set if that fails. */
    boolean connect(final int fd) {
        final boolean done = NativeLibraries.libC().connect(fd, memory.address(), length) == 0;
        memory.keepReachable();
        return done;
    }

    /** Binds a socket to it; false with errno set if that fails. */
    boolean bind(final int fd) {
        final boolean done = NativeLibraries.libC().bind(fd, memory.address(), length) == 0;
        memory.keepReachable();
        return done;
    }
}
