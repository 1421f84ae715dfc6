package org.amverdict.nfqueue.ffi;

import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;

/**
 * The few libc calls that the queue socket and the traffic generator need. Get the instance from {@link
 * NativeLibraries#libC()}; any thread may call.
 *
 * <p>Addresses travel as plain longs, so that a call allocates nothing. Results are C's: -1 means look at
 * {@link NativeLibraries#errno()}, on the same thread and before the next call.
 *
 * <p>No function here may have six or more integer arguments: jnr-ffi 2.3.4 passes a wrong sixth one on x86-64 (guarded
 * by SixArgumentFaultTest). This is why there is no sendto, recvfrom, mmap or six-argument syscall.
 */
public interface LibC {
    // int recvmmsg(int fd, struct mmsghdr *vec, unsigned int vlen, int flags, struct timespec *timeout)
    int recvmmsg(int fd, @size_t long headers, int count, int flags, @size_t long timeout);

    // int sendmmsg(int fd, struct mmsghdr *vec, unsigned int vlen, int flags)
    int sendmmsg(int fd, @size_t long headers, int count, int flags);

    // ssize_t send(int fd, const void *buf, size_t len, int flags)
    @ssize_t
    long send(int fd, @size_t long bytes, @size_t long length, int flags);

    // ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
    @ssize_t
    long sendmsg(int fd, @size_t long message, int flags);

    // ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
    @ssize_t
    long recvmsg(int fd, @size_t long message, int flags);

    // int poll(struct pollfd *fds, nfds_t nfds, int timeout)
    int poll(@size_t long descriptors, @size_t long count, int timeoutMillis);

    // int setsockopt(int fd, int level, int optname, const void *optval, socklen_t optlen)
    int setsockopt(int fd, int level, int name, @size_t long value, int length);

    // int getsockopt(int fd, int level, int optname, void *optval, socklen_t *optlen)
    int getsockopt(int fd, int level, int name, @size_t long value, @size_t long length);

    // int socket(int domain, int type, int protocol)
    int socket(int domain, int type, int protocol);

    // int socketpair(int domain, int type, int protocol, int sv[2])
    int socketpair(int domain, int type, int protocol, @size_t long descriptors);

    // int bind(int fd, const struct sockaddr *addr, socklen_t addrlen)
    int bind(int fd, @size_t long address, int length);

    // int connect(int fd, const struct sockaddr *addr, socklen_t addrlen)
    int connect(int fd, @size_t long address, int length);

    // int listen(int fd, int backlog)
    int listen(int fd, int backlog);

    // int accept4(int fd, struct sockaddr *addr, socklen_t *addrlen, int flags)
    int accept4(int fd, @size_t long address, @size_t long length, int flags);

    // int getsockname(int fd, struct sockaddr *addr, socklen_t *addrlen)
    int getsockname(int fd, @size_t long address, @size_t long length);

    // int close(int fd)
    int close(int fd);

    // int open(const char *pathname, int flags, ...)
    int open(String path, int flags);

    // int setns(int fd, int nstype)
    int setns(int fd, int type);

    // int unshare(int flags)
    int unshare(int flags);

    // int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data)
    int mount(String source, String target, String type, @size_t long flags, @size_t long data);

    // int sched_setaffinity(pid_t pid, size_t cpusetsize, const cpu_set_t *mask)
    int sched_setaffinity(int threadId, @size_t long maskBytes, @size_t long mask);

    // int sched_setscheduler(pid_t pid, int policy, const struct sched_param *param)
    int sched_setscheduler(int threadId, int policy, @size_t long parameters);

    // int prctl(int option, ...)
    int prctl(int option, @size_t long second, @size_t long third, @size_t long fourth, @size_t long fifth);

    // pid_t gettid(void)
    int gettid();

    // int adjtimex(struct timex *buf)
    int adjtimex(@size_t long timex);

    // int nanosleep(const struct timespec *req, struct timespec *rem)
    int nanosleep(@size_t long wanted, @size_t long left);

    // int clock_gettime(clockid_t clock, struct timespec *time)
    int clock_gettime(int clock, @size_t long time);

    // int malloc_trim(size_t pad)
    int malloc_trim(@size_t long pad);
}
