package org.amverdict.nfqueue.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.amverdict.nfqueue.netlink.ConntrackProtocol;
import org.amverdict.nfqueue.netlink.NfqueueProtocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Asks the C compiler for every number that we have written down. */
class CLayoutTest {
    private static final String INCLUDES = """
            #define _GNU_SOURCE
            #include <errno.h>
            #include <fcntl.h>
            #include <netinet/in.h> /* before the kernel's, which then leave out what it has */
            #include <linux/netfilter.h>
            #include <linux/netfilter/nf_conntrack_common.h>
            #include <linux/netfilter/nf_conntrack_tcp.h>
            #include <linux/netfilter/nfnetlink.h>
            #include <linux/netfilter/nfnetlink_conntrack.h>
            #include <linux/netfilter/nfnetlink_queue.h>
            #include <linux/netlink.h>
            #include <linux/udp.h>
            #include <poll.h>
            #include <sched.h>
            #include <stddef.h>
            #include <stdio.h>
            #include <sys/mount.h>
            #include <sys/prctl.h>
            #include <sys/socket.h>
            #include <sys/time.h>
            #include <sys/timex.h>
            #include <sys/uio.h>
            #include <sys/un.h>
            #include <time.h>
            """;
    private static final int SECONDS = 30;

    @TempDir
    Path directory;

    @Test
    void shouldAgreeWithTheCompiler() throws IOException, InterruptedException, IllegalAccessException {
        assumeTrue(hasCompiler(), "skipped: no gcc to ask for the layout of C structs");
        final Map<String, Integer> ours = new LinkedHashMap<>();
        final Map<String, String> expressions = new LinkedHashMap<>();
        collect(CLayout.class, layoutExpressions(), ours, expressions);
        collect(Errno.class, Map.of(), ours, expressions);
        collect(NfqueueProtocol.class, protocolExpressions(), ours, expressions);
        collect(ConntrackProtocol.class, Map.of(), ours, expressions);

        final Map<String, Integer> theirs = compileAndRun(expressions);

        assertEquals(expressions.keySet(), theirs.keySet());
        ours.forEach((name, value) -> assertEquals(theirs.get(name), value, name));
    }

    private static void collect(
            final Class<?> type,
            final Map<String, String> special,
            final Map<String, Integer> ours,
            final Map<String, String> expressions)
            throws IllegalAccessException {
        for (final Field field : type.getFields()) {
            if (Modifier.isStatic(field.getModifiers()) && field.getType() == int.class) {
                final String name = type.getSimpleName() + '.' + field.getName();
                ours.put(name, field.getInt(null));
                // A constant that is not listed bears the C name itself.
                expressions.put(name, special.getOrDefault(field.getName(), field.getName()));
            }
        }
    }

    private static Map<String, String> layoutExpressions() {
        final Map<String, String> c = new HashMap<>();
        c.put("SOCKADDR_UN_SIZE", "sizeof(struct sockaddr_un)");
        c.put("SOCKADDR_UN_FAMILY", "offsetof(struct sockaddr_un, sun_family)");
        c.put("SOCKADDR_UN_PATH", "offsetof(struct sockaddr_un, sun_path)");
        c.put("TIMEX_SIZE", "sizeof(struct timex)");
        c.put("MMSGHDR_SIZE", "sizeof(struct mmsghdr)");
        c.put("MMSGHDR_MSG_LEN", "offsetof(struct mmsghdr, msg_len)");
        c.put("MSGHDR_SIZE", "sizeof(struct msghdr)");
        c.put("CMSGHDR_LEN", "offsetof(struct cmsghdr, cmsg_len)");
        c.put("CMSGHDR_LEVEL", "offsetof(struct cmsghdr, cmsg_level)");
        c.put("CMSGHDR_TYPE", "offsetof(struct cmsghdr, cmsg_type)");
        c.put("CMSG_DATA", "CMSG_LEN(0)");
        c.put("CMSG_LEN_OF_ONE", "CMSG_LEN(sizeof(int))");
        c.put("UCRED_SIZE", "sizeof(struct ucred)");
        c.put("UCRED_PID", "offsetof(struct ucred, pid)");
        c.put("UCRED_UID", "offsetof(struct ucred, uid)");
        c.put("MSGHDR_NAME", "offsetof(struct msghdr, msg_name)");
        c.put("MSGHDR_NAMELEN", "offsetof(struct msghdr, msg_namelen)");
        c.put("MSGHDR_IOV", "offsetof(struct msghdr, msg_iov)");
        c.put("MSGHDR_IOVLEN", "offsetof(struct msghdr, msg_iovlen)");
        c.put("MSGHDR_CONTROL", "offsetof(struct msghdr, msg_control)");
        c.put("MSGHDR_CONTROLLEN", "offsetof(struct msghdr, msg_controllen)");
        c.put("MSGHDR_FLAGS", "offsetof(struct msghdr, msg_flags)");
        c.put("IOVEC_SIZE", "sizeof(struct iovec)");
        c.put("IOVEC_BASE", "offsetof(struct iovec, iov_base)");
        c.put("IOVEC_LEN", "offsetof(struct iovec, iov_len)");
        c.put("SOCKADDR_NL_SIZE", "sizeof(struct sockaddr_nl)");
        c.put("SOCKADDR_NL_FAMILY", "offsetof(struct sockaddr_nl, nl_family)");
        c.put("SOCKADDR_NL_PID", "offsetof(struct sockaddr_nl, nl_pid)");
        c.put("SOCKADDR_NL_GROUPS", "offsetof(struct sockaddr_nl, nl_groups)");
        c.put("SOCKADDR_IN_SIZE", "sizeof(struct sockaddr_in)");
        c.put("SOCKADDR_IN_FAMILY", "offsetof(struct sockaddr_in, sin_family)");
        c.put("SOCKADDR_IN_PORT", "offsetof(struct sockaddr_in, sin_port)");
        c.put("SOCKADDR_IN_ADDRESS", "offsetof(struct sockaddr_in, sin_addr)");
        c.put("TIMEVAL_SIZE", "sizeof(struct timeval)");
        c.put("TIMEVAL_SEC", "offsetof(struct timeval, tv_sec)");
        c.put("TIMEVAL_USEC", "offsetof(struct timeval, tv_usec)");
        c.put("TIMESPEC_SIZE", "sizeof(struct timespec)");
        c.put("TIMESPEC_NSEC", "offsetof(struct timespec, tv_nsec)");
        c.put("POLLFD_SIZE", "sizeof(struct pollfd)");
        c.put("POLLFD_FD", "offsetof(struct pollfd, fd)");
        c.put("POLLFD_EVENTS", "offsetof(struct pollfd, events)");
        c.put("POLLFD_REVENTS", "offsetof(struct pollfd, revents)");
        c.put("CPU_SET_SIZE", "sizeof(cpu_set_t)");
        return c;
    }

    private static Map<String, String> protocolExpressions() {
        final Map<String, String> c = new HashMap<>();
        c.put("NLA_TYPE_MASK", "(NLA_TYPE_MASK & 0xffff)");
        c.put("NFGENMSG_SIZE", "sizeof(struct nfgenmsg)");
        c.put("NFGENMSG_RES_ID", "offsetof(struct nfgenmsg, res_id)");
        c.put("MSG_PACKET", "(NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET)");
        c.put("MSG_VERDICT", "(NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_VERDICT)");
        c.put("MSG_CONFIG", "(NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_CONFIG)");
        c.put("MSG_VERDICT_BATCH", "(NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_VERDICT_BATCH)");
        c.put("PACKET_HDR_SIZE", "sizeof(struct nfqnl_msg_packet_hdr)");
        c.put("PACKET_HDR_PROTOCOL", "offsetof(struct nfqnl_msg_packet_hdr, hw_protocol)");
        c.put("PACKET_HDR_HOOK", "offsetof(struct nfqnl_msg_packet_hdr, hook)");
        c.put("VERDICT_HDR_SIZE", "sizeof(struct nfqnl_msg_verdict_hdr)");
        c.put("VERDICT_HDR_ID", "offsetof(struct nfqnl_msg_verdict_hdr, id)");
        c.put("SKB_CSUM_NOT_READY", "NFQA_SKB_CSUMNOTREADY");
        c.put("SKB_GSO", "NFQA_SKB_GSO");
        c.put("SKB_CSUM_NOT_VERIFIED", "NFQA_SKB_CSUM_NOTVERIFIED");
        c.put("CONFIG_CMD_SIZE", "sizeof(struct nfqnl_msg_config_cmd)");
        c.put("CMD_UNBIND", "NFQNL_CFG_CMD_UNBIND");
        c.put("CONFIG_PARAMS_SIZE", "sizeof(struct nfqnl_msg_config_params)");
        c.put("COPY_META", "NFQNL_COPY_META");
        c.put("COPY_PACKET", "NFQNL_COPY_PACKET");
        c.put("FLAG_FAIL_OPEN", "NFQA_CFG_F_FAIL_OPEN");
        c.put("FLAG_GSO", "NFQA_CFG_F_GSO");
        c.put("FLAG_UID_GID", "NFQA_CFG_F_UID_GID");
        c.put("FLAG_SECCTX", "NFQA_CFG_F_SECCTX");
        c.put("COPY_RANGE_MAX", "(0xffff - NLA_HDRLEN)");
        return c;
    }

    private Map<String, Integer> compileAndRun(final Map<String, String> expressions)
            throws IOException, InterruptedException {
        final StringBuilder source = new StringBuilder(INCLUDES).append("int main(void) {\n");
        expressions.forEach((name, expression) -> source.append("printf(\"" + name + " %lld\\n\", (long long) ")
                .append(expression)
                .append(");\n"));
        final Path file = directory.resolve("layout.c");
        final Path program = directory.resolve("layout");
        Files.writeString(file, source.append("return 0;\n}\n"));
        assertEquals("", run("gcc", "-o", program.toString(), file.toString()));
        final Map<String, Integer> values = new LinkedHashMap<>();
        for (final String line : run(program.toString()).lines().toList()) {
            final int space = line.indexOf(' ');
            values.put(line.substring(0, space), Integer.decode(line.substring(space + 1)));
        }
        return values;
    }

    private static boolean hasCompiler() throws InterruptedException {
        try {
            run("gcc", "--version");
            return true;
        } catch (final IOException e) {
            return false;
        }
    }

    private static String run(final String... command) throws IOException, InterruptedException {
        final Process process =
                new ProcessBuilder(command).redirectErrorStream(true).start();
        final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + ": " + output);
        }
        return output;
    }
}
