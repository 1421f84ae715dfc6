package org.amverdict.harness;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amverdict.nfqueue.ffi.CLayout;
import org.amverdict.nfqueue.ffi.LibC;
import org.amverdict.nfqueue.ffi.NativeLibraries;
import org.amverdict.nfqueue.ffi.NativeMemory;

/** The kernel's conntrack in the calling thread's network namespace. */
public final class Conntrack {
    private static final Path SETTINGS = Path.of("/proc/sys/net/netfilter");
    private static final int NUMBER_BYTES_MAX = 32;
    /** linux/netlink.h */
    private static final int NETLINK_NETFILTER = 12;

    private static final int NLM_F_REQUEST = 1;
    /** NFNL_SUBSYS_CTNETLINK and IPCTNL_MSG_CT_DELETE: linux/netfilter/nfnetlink.h, nfnetlink_conntrack.h. */
    private static final int DELETE = 1 << 8 | 2;
    /** nlmsghdr and nfgenmsg. A delete that names no entry is for all of them. */
    private static final int BYTES = 20;

    private Conntrack() {}

    /** Most expectations that all helpers together may have. */
    public static int expectationsMax() throws IOException {
        return number("nf_conntrack_expect_max");
    }

    /** One read, since the kernel ends such a file at the second. */
    private static int number(final String name) throws IOException {
        try (InputStream in = Files.newInputStream(SETTINGS.resolve(name))) {
            return Integer.parseInt(new String(in.readNBytes(NUMBER_BYTES_MAX), StandardCharsets.US_ASCII).strip());
        }
    }

    /**
     * Deletes all entries and with them what they expect, as {@code conntrack -F} does.
     *
     * @throws IOException if entries are left
     */
    public static void flush() throws IOException {
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
        final int left = number("nf_conntrack_count");
        if (left != 0) {
            throw new IOException(left + " entries are left in conntrack");
        }
    }
}
