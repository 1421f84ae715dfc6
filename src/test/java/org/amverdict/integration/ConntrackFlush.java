package org.amverdict.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amverdict.nfqueue.ffi.CLayout;
import org.amverdict.nfqueue.ffi.LibC;
import org.amverdict.nfqueue.ffi.NativeLibraries;
import org.amverdict.nfqueue.ffi.NativeMemory;

/** Empties conntrack's table in the calling thread's network namespace, as {@code conntrack -F} does. */
final class ConntrackFlush {
    private static final Path COUNT = Path.of("/proc/sys/net/netfilter/nf_conntrack_count");
    /** linux/netlink.h */
    private static final int NETLINK_NETFILTER = 12;

    private static final int NLM_F_REQUEST = 1;
    /** NFNL_SUBSYS_CTNETLINK and IPCTNL_MSG_CT_DELETE: linux/netfilter/nfnetlink.h, nfnetlink_conntrack.h. */
    private static final int DELETE = 1 << 8 | 2;
    /** nlmsghdr and nfgenmsg. A delete that names no entry is for all of them. */
    private static final int BYTES = 20;

    private ConntrackFlush() {}

    /** @throws IOException if entries are left */
    static void run() throws IOException {
        final LibC libC = NativeLibraries.libC();
        final int fd = libC.socket(CLayout.AF_NETLINK, CLayout.SOCK_RAW | CLayout.SOCK_CLOEXEC, NETLINK_NETFILTER);
        if (fd < 0) {
            throw NativeLibraries.failure("open a netlink socket", "");
        }
        try {
            final NativeMemory memory = new NativeMemory(BYTES);
            memory.bytes().setZero(0, BYTES);
            memory.bytes().setIntLE(0, BYTES);
            memory.bytes().setShortLE(4, DELETE);
            memory.bytes().setShortLE(6, NLM_F_REQUEST);
            // An unbound socket sends to the kernel, which is done when the call returns.
            final long sent = libC.send(fd, memory.address(), BYTES, 0);
            memory.keepReachable();
            if (sent != BYTES) {
                throw NativeLibraries.failure("flush conntrack", "");
            }
        } finally {
            libC.close(fd);
        }
        final String left = Files.readString(COUNT).strip();
        if (!left.equals("0")) {
            throw new IOException(left + " entries are left in conntrack");
        }
    }
}
