package org.amverdict.nfqueue.ffi;

/**
 * The datagram socket through which a service notifies its service manager, see sd_notify(3): variable assignments, one
 * per line. No JDK has AF_UNIX datagrams. Any thread may call; each message is one datagram on its own socket.
 */
public final class NotifySocket {
    /** Longest message that is sent; the rest is cut off. */
    public static final int MESSAGE_MAX_BYTES = 2048;

    /** In place of a descriptor: the message carries none. */
    public static final int NO_DESCRIPTOR = DescriptorMessage.NONE;

    private final UnixAddress address;

    /**
     * @param address NOTIFY_SOCKET: an absolute path, or {@code @} and the name of an abstract socket
     * @throws IllegalArgumentException if it is not one of these, or too long
     */
    public NotifySocket(final String address) {
        this.address = new UnixAddress("NOTIFY_SOCKET", address);
    }

    /**
     * Sends one message; waits for room if the manager is slow to read.
     *
     * @throws NativeException if no process listens there
     */
    public void send(final String message) {
        send(message, NO_DESCRIPTOR);
    }

    /**
     * Sends one message with a descriptor, which stays open here, such as {@code FDSTORE=1}.
     *
     * @throws NativeException if no process listens there
     */
    public void send(final String message, final int descriptor) {
        final LibC libC = NativeLibraries.libC();
        final int fd = libC.socket(CLayout.AF_UNIX, CLayout.SOCK_DGRAM | CLayout.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            throw NativeLibraries.failure("open a socket to the service manager", "");
        }
        try {
            if (!address.connect(fd) || !new DescriptorMessage(MESSAGE_MAX_BYTES).send(fd, message, descriptor)) {
                throw NativeLibraries.failure("notify the service manager", "see NOTIFY_SOCKET");
            }
        } finally {
            libC.close(fd);
        }
    }
}
