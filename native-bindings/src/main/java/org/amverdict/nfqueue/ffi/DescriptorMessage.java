package org.amverdict.nfqueue.ffi;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * A message over an AF_UNIX socket that keeps message boundaries: a text and at most one descriptor (SCM_RIGHTS,
 * unix(7)). The memory is used again for each; one thread.
 */
final class DescriptorMessage {
    /** In place of a descriptor: the message carries none. */
    static final int NONE = -1;

    private static final int ATTEMPTS = 8;

    private final NativeMemory header = new NativeMemory(CLayout.MSGHDR_SIZE);
    private final NativeMemory vector = new NativeMemory(CLayout.IOVEC_SIZE);
    private final NativeMemory control = new NativeMemory(CLayout.CMSG_LEN_OF_ONE);
    private final NativeMemory text;
    private int descriptor = NONE;

    /** @param textMax longest text, bytes */
    DescriptorMessage(final int textMax) {
        text = new NativeMemory(textMax);
        vector.bytes().setLongLE(CLayout.IOVEC_BASE, text.address());
        header.bytes().setLongLE(CLayout.MSGHDR_IOV, vector.address());
        header.bytes().setLongLE(CLayout.MSGHDR_IOVLEN, 1);
    }

    /**
     * Sends one; what exceeds the longest text is cut off.
     *
     * @param carried a descriptor, which stays open here, or {@link #NONE}
     * @return whether it went; otherwise errno is set
     */
    boolean send(final int fd, final String what, final int carried) {
        final byte[] bytes = what.getBytes(StandardCharsets.UTF_8);
        final int length = Math.min(bytes.length, text.capacity());
        text.bytes().setBytes(0, bytes, 0, length);
        vector.bytes().setLongLE(CLayout.IOVEC_LEN, length);
        final boolean carries = carried != NONE;
        if (carries) {
            final ByteBuf rights = control.bytes();
            rights.setLongLE(CLayout.CMSGHDR_LEN, CLayout.CMSG_LEN_OF_ONE);
            rights.setIntLE(CLayout.CMSGHDR_LEVEL, CLayout.SOL_SOCKET);
            rights.setIntLE(CLayout.CMSGHDR_TYPE, CLayout.SCM_RIGHTS);
            rights.setIntLE(CLayout.CMSG_DATA, carried);
        }
        room(carries);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            final long sent = NativeLibraries.libC().sendmsg(fd, header.address(), CLayout.MSG_NOSIGNAL);
            keepReachable();
            if (sent >= 0) {
                return true;
            }
            if (NativeLibraries.errno() != Errno.EINTR) {
                return false;
            }
        }
        return false;
    }

    /** The length, not the space: in the padding of the space, the kernel would put a second descriptor. */
    private void room(final boolean forControl) {
        header.bytes().setLongLE(CLayout.MSGHDR_CONTROL, forControl ? control.address() : 0);
        header.bytes().setLongLE(CLayout.MSGHDR_CONTROLLEN, forControl ? CLayout.CMSG_LEN_OF_ONE : 0);
    }

    /**
     * Receives one; waits as the socket's timeout says.
     *
     * @return length of the text, 0 at the end, -1 with errno set if there is none. {@link #descriptor} says what came
     *     along, and belongs to the caller. More than one is closed by the kernel.
     */
    int receive(final int fd) {
        vector.bytes().setLongLE(CLayout.IOVEC_LEN, text.capacity());
        room(true);
        control.bytes().setZero(0, CLayout.CMSG_LEN_OF_ONE);
        descriptor = NONE;
        long received = -1;
        for (int attempt = 0; attempt < ATTEMPTS && received < 0; attempt++) {
            received = NativeLibraries.libC().recvmsg(fd, header.address(), CLayout.MSG_CMSG_CLOEXEC);
            if (received < 0 && NativeLibraries.errno() != Errno.EINTR) {
                break;
            }
        }
        keepReachable();
        final ByteBuf rights = control.bytes();
        if (received >= 0
                && header.bytes().getLongLE(CLayout.MSGHDR_CONTROLLEN) >= CLayout.CMSG_LEN_OF_ONE
                && rights.getIntLE(CLayout.CMSGHDR_LEVEL) == CLayout.SOL_SOCKET
                && rights.getIntLE(CLayout.CMSGHDR_TYPE) == CLayout.SCM_RIGHTS) {
            descriptor = rights.getIntLE(CLayout.CMSG_DATA);
        }
        return (int) received;
    }

    /** The descriptor of the last message received, or {@link #NONE}. */
    int descriptor() {
        return descriptor;
    }

    /** The text of the last message received. */
    String text(final int length) {
        return text.bytes().toString(0, length, StandardCharsets.UTF_8);
    }

    private void keepReachable() {
        header.keepReachable();
        vector.keepReachable();
        control.keepReachable();
        text.keepReachable();
    }
}
