package org.amverdict.nfqueue.ffi;

/**
 * Sizes, offsets and constants of C, valid on 64-bit little-endian Linux with glibc (x86-64 and aarch64 agree on all of
 * them). CLayoutTest compiles a C program and compares every one.
 */
public final class CLayout {
    /** struct mmsghdr, sys/socket.h: a msghdr and the length received. */
    public static final int MMSGHDR_SIZE = 64;

    public static final int MMSGHDR_MSG_LEN = 56;

    /** struct msghdr, sys/socket.h. */
    public static final int MSGHDR_SIZE = 56;

    public static final int MSGHDR_NAME = 0;

    public static final int MSGHDR_NAMELEN = 8;
    public static final int MSGHDR_IOV = 16;
    public static final int MSGHDR_IOVLEN = 24;
    public static final int MSGHDR_CONTROL = 32;
    public static final int MSGHDR_CONTROLLEN = 40;
    public static final int MSGHDR_FLAGS = 48;

    /** struct cmsghdr, sys/socket.h, and the length of one that carries one descriptor. */
    public static final int CMSGHDR_LEN = 0;

    public static final int CMSGHDR_LEVEL = 8;
    public static final int CMSGHDR_TYPE = 12;
    public static final int CMSG_DATA = 16;
    public static final int CMSG_LEN_OF_ONE = 20;

    /** struct ucred, sys/socket.h. */
    public static final int UCRED_SIZE = 12;

    public static final int UCRED_PID = 0;
    public static final int UCRED_UID = 4;

    /** struct iovec, sys/uio.h. */
    public static final int IOVEC_SIZE = 16;

    public static final int IOVEC_BASE = 0;
    public static final int IOVEC_LEN = 8;

    /** struct sockaddr_nl, linux/netlink.h. */
    public static final int SOCKADDR_NL_SIZE = 12;

    public static final int SOCKADDR_NL_FAMILY = 0;
    public static final int SOCKADDR_NL_PID = 4;
    public static final int SOCKADDR_NL_GROUPS = 8;

    /** struct sockaddr_in, netinet/in.h; port and address in network byte order. */
    public static final int SOCKADDR_IN_SIZE = 16;

    public static final int SOCKADDR_IN_FAMILY = 0;
    public static final int SOCKADDR_IN_PORT = 2;
    public static final int SOCKADDR_IN_ADDRESS = 4;

    /** struct sockaddr_un, sys/un.h. */
    public static final int SOCKADDR_UN_SIZE = 110;

    public static final int SOCKADDR_UN_FAMILY = 0;
    public static final int SOCKADDR_UN_PATH = 2;

    /** struct timeval, sys/time.h. */
    public static final int TIMEVAL_SIZE = 16;

    public static final int TIMEVAL_SEC = 0;
    public static final int TIMEVAL_USEC = 8;

    /** struct pollfd, poll.h. */
    public static final int POLLFD_SIZE = 8;

    public static final int POLLFD_FD = 0;
    public static final int POLLFD_EVENTS = 4;
    public static final int POLLFD_REVENTS = 6;
    public static final int POLLIN = 1;

    /** linux/sched.h; struct sched_param has one int, the priority. */
    public static final int SCHED_OTHER = 0;

    public static final int SCHED_IDLE = 5;

    /** sys/socket.h and linux/netlink.h. */
    public static final int AF_NETLINK = 16;

    public static final int AF_UNIX = 1;
    public static final int AF_INET = 2;
    public static final int SOCK_DGRAM = 2;
    public static final int SOCK_RAW = 3;
    public static final int SOCK_SEQPACKET = 5;
    public static final int SOCK_CLOEXEC = 0x80000;
    public static final int NETLINK_USERSOCK = 2;
    public static final int NETLINK_NETFILTER = 12;
    public static final int SOL_SOCKET = 1;
    public static final int SO_SNDBUF = 7;
    public static final int SO_RCVBUF = 8;
    public static final int SO_PEERCRED = 17;
    public static final int SO_RCVTIMEO = 20;
    public static final int SO_ATTACH_FILTER = 26;
    public static final int SO_SNDBUFFORCE = 32;
    public static final int SO_RCVBUFFORCE = 33;
    public static final int SO_PROTOCOL = 38;
    public static final int SO_DOMAIN = 39;
    public static final int SO_NETNS_COOKIE = 71;
    public static final int SCM_RIGHTS = 1;
    public static final int MSG_CTRUNC = 0x8;
    public static final int MSG_TRUNC = 0x20;
    public static final int MSG_DONTWAIT = 0x40;
    public static final int MSG_NOSIGNAL = 0x4000;
    public static final int MSG_WAITFORONE = 0x10000;
    public static final int MSG_CMSG_CLOEXEC = 0x40000000;

    /** netinet/in.h and linux/udp.h. */
    public static final int IPPROTO_UDP = 17;

    public static final int IPPROTO_RAW = 255;
    public static final int UDP_SEGMENT = 103;

    /** sched.h, fcntl.h, sys/mount.h, sys/prctl.h. */
    public static final int CLONE_NEWNS = 0x20000;

    public static final int CLONE_NEWNET = 0x40000000;
    public static final int O_RDONLY = 0;
    public static final int O_CLOEXEC = 0x80000;
    public static final int MS_REC = 0x4000;
    public static final int MS_PRIVATE = 0x40000;
    public static final int PR_SET_TIMERSLACK = 29;

    /** struct timespec, time.h. */
    public static final int TIMESPEC_SIZE = 16;

    public static final int TIMESPEC_NSEC = 8;

    /** linux/time.h, by way of time.h. */
    public static final int CLOCK_BOOTTIME = 7;

    /** struct timex, sys/timex.h. */
    public static final int TIMEX_SIZE = 208;

    public static final int TIME_ERROR = 5;

    /** Bytes of a cpu_set_t, sched.h: 1024 processors. */
    public static final int CPU_SET_SIZE = 128;

    private CLayout() {}
}
