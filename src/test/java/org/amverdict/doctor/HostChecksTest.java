package org.amverdict.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.amverdict.host.Host;
import org.amverdict.host.Host.Access;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each check of the host that does not look at rules: as it should be, and each way in which it is not. */
final class HostChecksTest {
    private static final String QUEUE = "   10   4711     0 2 65531     0     0        7  1\n";
    static final String DAEMON = "/usr/bin/java\0-jar\0/usr/share/amverdict/amverdict.jar\0run\0-c\0/etc/a.yaml\0";

    private static final String TIME = "{\"timestamp\":\"2026-11-27T03:00:00.000Z\",\"event_type\":";
    private static final String ENDS =
            ",\"src_ip\":\"192.0.2.10\",\"src_port\":850,\"dest_ip\":\"198.51.100.7\",\"dest_port\":10080,";
    /** As docs/events.md has them. */
    static final String REQUEST = TIME + "\"request\",\"action\":\"asked\"" + ENDS
            + "\"proto\":\"UDP\",\"amanda\":{\"type\":\"REQ\"},\"decision\":\"accept\",\"reason\":\"request\"}\n";

    private static final String CONTROL_TCP = TIME + "\"stream\",\"action\":\"open\"" + ENDS
            + "\"proto\":\"TCP\",\"decision\":\"accept\",\"verdict\":\"accept\",\"reason\":\"control-tcp\"}\n";

    /** All configured queues, bound by the socket with port id 4711. */
    static String boundQueues() {
        final StringBuilder all = new StringBuilder(QUEUE);
        for (int queue = 11; queue <= 14; queue++) {
            all.append(QUEUE.replace("10 ", queue + " "));
        }
        return all.toString();
    }

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    private final CapturedHost host = DoctorTest.router();
    private Examination examination = Examination.of(CapturedHost.RESOURCES.resolve("amverdict.yaml"));

    private void configure(final String more) throws IOException {
        final String usual = Files.readString(CapturedHost.RESOURCES.resolve("amverdict.yaml"));
        examination = Examination.of(Files.writeString(directory.resolve("a.yaml"), usual + more));
    }

    private void expect(final Status status, final String words, final Check check) {
        // Read again: a test changes what an examination has read.
        final List<Finding> findings = check.run(host, Examination.of(examination.file()));
        assertEquals(
                status, findings.stream().map(Finding::status).reduce(Status.OK, Status::worse), findings.toString());
        assertTrue(findings.toString().contains(words), findings.toString());
    }

    @Test
    void shouldLookAtJava() {
        expect(Status.OK, "Java 17.0.15", new JavaCheck());
        host.property("java.version", "25+36");
        expect(Status.OK, "Java 25+36", new JavaCheck());
        host.variable("JAVA_TOOL_OPTIONS", "-Dx=y");
        expect(Status.WARNING, "unset JAVA_TOOL_OPTIONS", new JavaCheck());
        host.file("/proc/self/cmdline", "java\0-Xint\0-jar\0x.jar\0");
        expect(Status.WARNING, "-Xint", new JavaCheck());
        host.property("java.version", "11.0.2");
        expect(Status.FAULT, "17 or newer", new JavaCheck());
    }

    @Test
    void shouldSeeThatNothingCanBeLoadedFromTheTemporaryDirectory() {
        host.file("/proc/mounts", "/dev/sda / ext4 rw 0 0\ntmpfs /tmp tmpfs rw,nosuid,noexec 0 0\n");
        expect(Status.FAULT, "mounted noexec", new JavaCheck());
        host.property("java.io.tmpdir", "/tmpfs");
        expect(Status.OK, "Java", new JavaCheck());
    }

    @Test
    void shouldKnowOnlyTwoMachines() {
        host.property("os.arch", "riscv64");
        expect(Status.FAULT, "riscv64", new JavaCheck());
    }

    @Test
    void shouldSayWhoHasTheCapability() {
        expect(Status.OK, "has CAP_NET_ADMIN", new CapabilityCheck());
        host.file("/lib/systemd/system/amverdict.service", "DynamicUser=yes\nAmbientCapabilities=CAP_NET_ADMIN\n");
        expect(Status.OK, "gives it to the daemon", new CapabilityCheck());
        host.file("/lib/systemd/system/amverdict.service", "DynamicUser=yes\n");
        expect(Status.OK, "does not give it", new CapabilityCheck());
        host.file("/proc/self/status", "CapEff:\t0000000000000000\n");
        expect(Status.UNKNOWN, "sudo amverdict doctor", new CapabilityCheck());
    }

    @Test
    void shouldNameTheLibraryAndItsPackage() {
        host.symlink("/usr/lib/x86_64-linux-gnu/libnetfilter_queue.so.1", "libnetfilter_queue.so.1.5.0");
        host.tool("dpkg-query -W -f ${Version} libnetfilter-queue1", Access.OK, "1.0.5-3");
        expect(Status.OK, "libnetfilter_queue.so.1.5.0, package 1.0.5-3", new LibraryCheck());
        host.library(new Host.Text(Access.MISSING, "load libnetfilter_queue.so.1: not found"));
        expect(Status.FAULT, "apt-get install libnetfilter-queue1", new LibraryCheck());
    }

    @Test
    void shouldReadWhatTheKernelWasBuiltWith() {
        host.missing("/proc/net/netfilter/nfnetlink_queue")
                .missing("/proc/net/ip_tables_targets")
                .file("/proc/config.gz", """
                        CONFIG_NETFILTER_NETLINK_QUEUE=m
                        CONFIG_NETFILTER_XT_TARGET_NFQUEUE=m
                        # CONFIG_NFT_QUEUE is not set
                        """);
        expect(
                Status.OK,
                "iptables NFQUEUE loadable, nft queue absent; make the rules with --format iptables",
                new KernelQueueCheck());
        host.file(
                "/lib/modules/6.18.44-fc-v669/modules.dep",
                "kernel/net/netfilter/nfnetlink_queue.ko.zst: kernel/x.ko\n");
        expect(Status.WARNING, "linux-modules-extra", new KernelQueueCheck());
        host.file("/proc/modules", "xt_NFQUEUE 16384 0 - Live 0x0\n");
        expect(Status.OK, "iptables NFQUEUE present", new KernelQueueCheck());
        host.file("/proc/config.gz", "CONFIG_NFT_QUEUE=y\n");
        expect(Status.FAULT, "has no NFQUEUE", new KernelQueueCheck());
        host.file("/proc/net/netfilter/nfnetlink_queue", "").file("/proc/modules", "");
        expect(
                Status.OK,
                "iptables NFQUEUE absent, nft queue present; make the rules with --format nft",
                new KernelQueueCheck());
        host.file("/proc/config.gz", "CONFIG_NET=y\n");
        expect(Status.FAULT, "neither iptables", new KernelQueueCheck());
    }

    /** A container: no configuration, no modules. */
    @Test
    void shouldTryARuleInANamespaceOfItsOwnWhereNothingIsWrittenDown() {
        host.missing("/proc/net/ip_tables_targets");
        expect(Status.UNKNOWN, "cannot tell", new KernelQueueCheck());
        host.tool("unshare -n iptables -A INPUT -j NFQUEUE", Access.OK, "");
        expect(Status.OK, "iptables NFQUEUE present, nft queue unknown", new KernelQueueCheck());
    }

    @ParameterizedTest
    @CsvSource({
        "5.10.103, CVE-2022-48911",
        "5.10.104, ''",
        "5.15.26-generic, CVE-2022-48911",
        "5.16.13, ''",
        "2.6.32, CVE-2022-48911",
        "6.14.0-1-default, CVE-2025-22110",
        "6.14.1, CVE-2025-22110",
        "6.14.2, CVE-2026-45859",
        "6.13.9, CVE-2026-45859",
        "4.9.305, ''",
        "6.10.14, ''",
        "6.12.75, ''",
        "6.18.14, ''",
        "7.0.0-rc3, ''"
    })
    void shouldKnowVersionsWithFaults(final String release, final String fault) {
        host.file("/proc/sys/kernel/osrelease", release + "\n");

        expect(fault.isEmpty() ? Status.OK : Status.WARNING, fault, new KernelVersionCheck());
    }

    @Test
    void shouldMindAFaultOnlyWhereItIsMet() throws IOException {
        host.file("/proc/sys/kernel/osrelease", "6.12.74\n");
        examination = Examination.of(
                Files.writeString(directory.resolve("a.yaml"), "queues: [{numbers: 3, copy: headers}]\n"));
        expect(Status.OK, "no known fault", new KernelVersionCheck());
        examination = Examination.of(
                Files.writeString(directory.resolve("a.yaml"), "queues: [{numbers: 3, copy: headers, gso: false}]\n"));
        expect(Status.WARNING, "CVE-2026-45859", new KernelVersionCheck());
        examination = Examination.of(Files.writeString(directory.resolve("a.yaml"), "queues: [{numbers: 3}]\n"));
        expect(Status.WARNING, "CVE-2026-45859", new KernelVersionCheck());
        host.file("/proc/sys/kernel/osrelease", "6.12.75\n");
        expect(Status.OK, "no known fault", new KernelVersionCheck());
    }

    @Test
    void shouldTakeTheVersionThatTheDistributionNames() {
        host.file("/proc/sys/kernel/osrelease", "5.10.0-11-amd64\n");
        host.file("/proc/version", "Linux version 5.10.0-11-amd64 (x) (gcc) #1 SMP Debian 5.10.92-1 (2022-01-18)\n");
        expect(Status.WARNING, "Linux 5.10.92 has CVE-2022-48911", new KernelVersionCheck());
        host.file("/proc/version", "Linux version 5.10.0-30-amd64 (x) (gcc) #1 SMP Debian 5.10.218-1 (2024-06-01)\n");
        expect(Status.OK, "(5.10.218)", new KernelVersionCheck());
        host.missing("/proc/version").file("/proc/version_signature", "Ubuntu 5.10.0-91.101-generic 5.10.131\n");
        expect(Status.OK, "(5.10.131)", new KernelVersionCheck());
        host.file("/proc/sys/kernel/osrelease", "custom\n").missing("/proc/version_signature");
        expect(Status.UNKNOWN, "'custom' is not a version", new KernelVersionCheck());
    }

    /** The port id 4711 of the captured list belongs to the socket with inode 8654747. */
    @Test
    void shouldNameTheOwnerOfAQueueByItsSocket() {
        host.file(QueuesCheck.FILE, QUEUE).noSymlink("/proc/714/fd/4");
        expect(Status.FAULT, "netlink port id 4711, whose process cannot be seen", new QueuesCheck());
        host.symlink("/proc/815/fd/4", "socket:[8654747]").file("/proc/815/comm", "suricata\n");
        expect(Status.FAULT, "queue 10 belongs to suricata (process 815)", new QueuesCheck());
        host.file("/proc/815/cmdline", DAEMON);
        // Rules hand streams to them.
        expect(
                Status.FAULT,
                "queues [11, 12, 13, 14] are free, though amverdict (process 815) runs",
                new QueuesCheck());
        host.file(QueuesCheck.FILE, boundQueues());
        expect(Status.OK, "bound by amverdict (process 815)", new QueuesCheck());
        // Another command of ours does not hold queues for the configuration.
        host.file("/proc/815/cmdline", DAEMON.replace("run", "bench"));
        expect(Status.FAULT, "not to amverdict run", new QueuesCheck());
        host.denied(QueuesCheck.FILE);
        expect(Status.UNKNOWN, "can be read by root only", new QueuesCheck());
    }

    /** The daemon is stopped: with rules, that decides what becomes of every packet. */
    @Test
    void shouldSeeThatNoProgramListens() {
        for (final String list : new String[] {"", "   99   4711     0 2 65531     0     0        7  1\n"}) {
            host.file(QueuesCheck.FILE, list);
            expect(Status.FAULT, "no program listens on queues [10, 11, 12, 13, 14]", new QueuesCheck());
        }
        host.missing(QueuesCheck.FILE);
        expect(Status.FAULT, "so every backup fails, remedy=systemctl start amverdict", new QueuesCheck());
        host.file("/proc/1/comm", "systemd\n");
        expect(Status.FAULT, "so every backup fails, remedy=systemctl start amverdict", new QueuesCheck());
        host.file("/proc/1/comm", "init\n");
        expect(Status.FAULT, "so every backup fails, remedy=amverdict run", new QueuesCheck());
        final String bypass = "--queue-bypass\n";
        for (final String tool : new String[] {"iptables-nft-save", "ip6tables-nft-save"}) {
            final String saved = host.run("iptables", tool).text();
            host.tool(tool, Access.OK, saved.replaceAll("(--queue-(num|balance) \\S+)\n", "$1 " + bypass));
        }
        expect(Status.WARNING, "passes without a verdict (bypass)", new QueuesCheck());
        host.tool("iptables-nft-save", Access.OK, "").tool("ip6tables-nft-save", Access.OK, "");
        expect(Status.OK, "all free: the daemon is not running", new QueuesCheck());
    }

    @Test
    void shouldSeeFullQueues() {
        host.file(QueuesCheck.FILE, "");
        expect(Status.OK, "no configured queue is bound", new QueueDepthCheck());
        host.file(QueuesCheck.FILE, QUEUE);
        expect(Status.OK, "0 packets wait in 1 queues", new QueueDepthCheck());
        host.file(QueuesCheck.FILE, "   10   4711  2049 2 65531     0     0        7  1\n");
        expect(Status.WARNING, "queue 10 holds 2049 of 4096", new QueueDepthCheck());
        host.file(QueuesCheck.FILE, "   10   4711     0 2 65531     3     0        7  1\n");
        expect(Status.WARNING, "the kernel dropped 3 packets", new QueueDepthCheck());
        host.file(QueuesCheck.FILE, "   10   4711     0 2 65531     0     5        7  1\n");
        expect(Status.WARNING, "receive buffer of queue 10 was full: the kernel dropped 5", new QueueDepthCheck());
        // Not ours.
        host.file(QueuesCheck.FILE, "   99   4711  4096 2 65531     9     9        7  1\n");
        expect(Status.OK, "no configured queue", new QueueDepthCheck());
        host.denied(QueuesCheck.FILE);
        expect(Status.UNKNOWN, "root", new QueueDepthCheck());
    }

    @Test
    void shouldCompareTheBufferWithWhatTheLongestQueueNeeds() {
        final int wanted = 4096 * 5632; // packets, bytes for each whole one
        host.buffer(OptionalInt.of(2 * wanted));
        expect(Status.OK, "22 MiB", new ReceiveBufferCheck());
        host.buffer(OptionalInt.of(2 * wanted - 2)).file("/proc/sys/net/core/rmem_max", "212992\n");
        expect(Status.WARNING, "sysctl -w net.core.rmem_max=" + wanted, new ReceiveBufferCheck());
        host.file("/proc/self/status", "CapEff:\t0000000000000000\n");
        expect(Status.UNKNOWN, "rmem_max 212992", new ReceiveBufferCheck());
        host.buffer(OptionalInt.empty());
        expect(Status.UNKNOWN, "no netlink socket", new ReceiveBufferCheck());
    }

    @Test
    void shouldSeeTheHelperThatAttachesItself() {
        expect(Status.OK, "not loaded", new HelperCheck());
        host.file("/proc/sys/net/netfilter/nf_conntrack_helper", "1\n");
        expect(Status.OK, "not loaded", new HelperCheck());
        host.file("/sys/module/nf_conntrack_amanda/refcnt", "1\n");
        expect(Status.WARNING, "sysctl -w net.netfilter.nf_conntrack_helper=0", new HelperCheck());
        host.file("/proc/sys/net/netfilter/nf_conntrack_helper", "0\n");
        expect(Status.OK, "not attached", new HelperCheck());
        host.file(
                "/proc/net/nf_conntrack_expect",
                "172 l3proto = 2 proto=6 src=192.0.2.10 dst=198.51.100.7 sport=0 dport=11001 amanda/amanda\n");
        expect(Status.WARNING, "has expectations", new HelperCheck());
    }

    /** Two routes of one length to the client. */
    @Test
    void shouldMindTheReversePathFilterWhereThereAreTwoWays() throws IOException {
        expect(Status.OK, "one way to each IPv4 host, over [to-a, to-b]", new ReversePathCheck());
        host.file("/proc/sys/net/ipv4/conf/to-b/rp_filter", "1\n");
        expect(Status.OK, "one way", new ReversePathCheck());
        host.file(
                "/proc/net/route",
                host.read("/proc/net/route").text() + "to-c\t006433C6\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n");
        expect(Status.WARNING, "rp_filter is strict on to-b", new ReversePathCheck());
        host.file("/proc/sys/net/ipv4/conf/to-b/rp_filter", "2\n");
        expect(Status.WARNING, "with match-interfaces", new ReversePathCheck());
        configure("match-interfaces: false\n");
        expect(Status.WARNING, "a spoofed address is not noticed", new ReversePathCheck());
        host.file("/proc/sys/net/ipv4/conf/all/rp_filter", "2\n");
        expect(Status.OK, "one way", new ReversePathCheck());
    }

    /** The router's own address, 198.51.100.1, is in the range of responders; its packets come from nowhere. */
    @Test
    void shouldNotMindWaysToItsOwnAddress() {
        final StringBuilder routes =
                new StringBuilder(host.read("/proc/net/route").text());
        for (final String device : new String[] {"to-c", "to-d"}) {
            routes.append(device).append("\t016433C6\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0\n");
        }
        host.file("/proc/net/route", routes.toString());
        expect(Status.OK, "over [to-a, to-b]", new ReversePathCheck());
    }

    @Test
    void shouldSeeWhoListensOnTheAddressOfTheMetrics() throws IOException {
        expect(Status.OK, "127.0.0.1:9897 is free", new MetricsPortCheck());
        final CapturedHost captured = new CapturedHost("router");
        host.file("/proc/net/tcp", captured.read("/proc/net/tcp").text());
        expect(Status.UNKNOWN, "something listens on 127.0.0.1:9897", new MetricsPortCheck());
        host.symlink("/proc/815/fd/4", "socket:[8654745]").file("/proc/815/comm", "python3\n");
        expect(Status.FAULT, "belongs to python3 (process 815)", new MetricsPortCheck());
        host.file("/proc/815/cmdline", DAEMON);
        expect(Status.OK, "served by amverdict (process 815)", new MetricsPortCheck());
        configure("metrics: {listen: \"127.0.0.2:9897\"}\n");
        expect(Status.OK, "127.0.0.2:9897 is free", new MetricsPortCheck());
        // The captured router has one on this address: bound through an IPv6 socket, as Java does it.
        configure("metrics: {listen: \"192.0.2.1:9899\"}\n");
        expect(Status.UNKNOWN, "something listens on 192.0.2.1:9899", new MetricsPortCheck());
        configure("metrics: {listen: \"0.0.0.0:9899\"}\n");
        expect(Status.UNKNOWN, "something listens on 0.0.0.0:9899", new MetricsPortCheck());
        configure("metrics: {listen: \"192.0.2.77:9899\"}\n");
        expect(Status.FAULT, "not an address of this host", new MetricsPortCheck());
        configure("metrics: {listen: \"[2001:db8::1]:9899\"}\n");
        expect(Status.OK, "is free", new MetricsPortCheck());
        configure("metrics: {listen: off}\n");
        expect(Status.OK, "off", new MetricsPortCheck());
    }

    @Test
    void shouldSeeWhoListensOnTheControlSocket() throws IOException {
        expect(Status.OK, "no daemon listens on /run/amverdict/control.sock", new ControlSocketCheck());
        configure("control: {socket: /nowhere/at/all/c.sock}\n");
        expect(Status.WARNING, "install -d -m 0750 /nowhere/at/all", new ControlSocketCheck());
        configure("control: {socket: /tmp/drs/control.sock}\n");
        expect(Status.UNKNOWN, "something listens", new ControlSocketCheck());
        host.symlink("/proc/815/fd/4", "socket:[8654746]").file("/proc/815/comm", "python3\n");
        expect(Status.FAULT, "belongs to python3 (process 815)", new ControlSocketCheck());
        host.file("/proc/815/cmdline", DAEMON);
        expect(Status.OK, "amverdict (process 815) listens", new ControlSocketCheck());
        configure("control: {socket: off}\n");
        expect(Status.OK, "off", new ControlSocketCheck());
    }

    @Test
    void shouldFitBypassAndOverloadTogether() throws IOException {
        expect(Status.OK, "packets are dropped while the program is not running", new BypassCheck());
        configure("overload: accept\n");
        expect(Status.WARNING, "a flood that fills the queue passes unjudged", new BypassCheck());
        final String monitor = Files.readString(CapturedHost.RESOURCES.resolve("amverdict.yaml"))
                .replace("enforce", "monitor");
        examination = Examination.of(Files.writeString(directory.resolve("m.yaml"), monitor));
        expect(Status.WARNING, "mode monitor promises to drop nothing", new BypassCheck());
        final String saved = host.run("iptables", "iptables-nft-save").text();
        host.tool(
                "iptables-nft-save", Access.OK, saved.replaceFirst("--queue-num 10", "--queue-num 10 --queue-bypass"));
        examination = Examination.of(directory.resolve("m.yaml"));
        expect(Status.WARNING, "some rules have bypass and others do not", new BypassCheck());
    }

    @Test
    void shouldTellWhichAuthTheHostsWereLastSeenWith() throws IOException {
        final String file = "/var/log/amverdict/events.json";
        expect(Status.OK, "bsd or bsdudp, which need this program: 192.0.2.10 asks 198.51.100.7", new AuthCheck());
        host.file(file, REQUEST + CONTROL_TCP);
        expect(Status.OK, "all were last seen with bsdtcp (192.0.2.10 asks 198.51.100.7)", new AuthCheck());
        host.file(file, CONTROL_TCP + REQUEST + CONTROL_TCP.replace("100.7", "100.8"));
        expect(Status.OK, "bsdtcp, for which a plain rule would do: 192.0.2.10 asks 198.51.100.8", new AuthCheck());
        host.file(file, REQUEST.replace("asked", "repeated") + CONTROL_TCP.replace("control-tcp", "static"));
        expect(Status.UNKNOWN, "no exchange of the configured hosts", new AuthCheck());
        host.denied(file);
        expect(Status.UNKNOWN, "sudo amverdict doctor", new AuthCheck());
        configure("events: {file: off}\n");
        expect(Status.UNKNOWN, "the event log is off", new AuthCheck());
    }

    @Test
    void shouldSeeThatTheTableOfConnectionsFills() {
        final String folder = "/proc/sys/net/netfilter/nf_conntrack_";
        host.missing(folder + "count");
        expect(Status.OK, "no connections are tracked", new ConntrackTableCheck());
        host.file(folder + "count", "79\n").file(folder + "max", "100\n");
        expect(Status.OK, "79 of 100", new ConntrackTableCheck());
        host.file(folder + "count", "80\n");
        expect(Status.WARNING, "sysctl -w net.netfilter.nf_conntrack_max=65536", new ConntrackTableCheck());
        host.file(folder + "count", "100\n");
        expect(Status.FAULT, "the table is full", new ConntrackTableCheck());
        // 0 is no limit.
        host.file(folder + "max", "0\n");
        expect(Status.OK, "100 of 0", new ConntrackTableCheck());
        host.file(folder + "max", "1000000\n").file("/proc/net/stat/nf_conntrack", """
                        entries  found drop early_drop
                        00000001 00000000 00000010 00000001
                        00000001 00000000 00000002 00000000
                        """);
        expect(Status.WARNING, "19 connections were dropped", new ConntrackTableCheck());
        host.denied(folder + "max");
        expect(Status.UNKNOWN, "cannot be read", new ConntrackTableCheck());
    }

    /** The daemon still runs with the copy mode of an earlier configuration. */
    @Test
    void shouldSeeThatARunningQueueGetsHeadersOnly() {
        final String headers = boundQueues().replaceFirst("2 65531", "2   320");
        host.file(QueuesCheck.FILE, headers).symlink("/proc/815/fd/4", "socket:[8654747]");
        host.noSymlink("/proc/714/fd/4").file("/proc/815/cmdline", DAEMON);
        expect(Status.FAULT, "queue 10 gets 320 bytes of each packet now", new CopyModeCheck());
        expect(Status.FAULT, "systemctl restart amverdict", new CopyModeCheck());
        host.file(QueuesCheck.FILE, boundQueues());
        expect(Status.OK, "get whole packets", new CopyModeCheck());
        // Of streams the headers are enough.
        host.file(QueuesCheck.FILE, boundQueues().replaceFirst("11   4711     0 2 65531", "11   4711     0 2   320"));
        expect(Status.OK, "get whole packets", new CopyModeCheck());
    }

    @Test
    void shouldSeeThatAFileCannotBeWritten() throws IOException {
        expect(Status.OK, "the daemon can write [/var/log/amverdict/events.json", new WrittenFilesCheck());
        host.storage(new Host.Storage(false, false, false, 0));
        expect(Status.OK, "can write", new WrittenFilesCheck()); // the unit makes its folders
        configure("events: {file: /srv/log/events.json}\n");
        expect(Status.WARNING, "install -d -m 0750 /srv/log", new WrittenFilesCheck());
        host.storage(new Host.Storage(true, true, true, 1L << 30));
        expect(Status.WARNING, "it is not a file", new WrittenFilesCheck());
        host.storage(new Host.Storage(true, false, false, 1L << 30));
        expect(Status.WARNING, "read-only", new WrittenFilesCheck());
        host.storage(new Host.Storage(true, false, true, 1L << 20));
        expect(Status.WARNING, "only 1024 KiB left", new WrittenFilesCheck());
    }

    @Test
    void shouldLookAtTheFileOfTheStateToo() throws IOException {
        configure("events: {file: off}\nstate: {file: /srv/state/amverdict}\n");
        host.storage(new Host.Storage(false, false, false, 0));
        expect(Status.WARNING, "state.file: /srv/state/amverdict cannot be written", new WrittenFilesCheck());
    }

    @Test
    void shouldSeeWhetherTheHostForwards() {
        expect(Status.OK, "forwards IPv4 and IPv6", new ForwardingCheck());
        final String one = "/proc/sys/net/ipv4/conf/to-a/forwarding";
        host.file(one, "0\n");
        expect(Status.FAULT, "what comes in over to-a is not forwarded", new ForwardingCheck());
        host.file(one, "1\n").missing("/proc/sys/net/ipv4/ip_forward");
        expect(Status.UNKNOWN, "cannot tell whether this host forwards", new ForwardingCheck());
        host.file("/proc/sys/net/ipv4/ip_forward", "0\n");
        expect(Status.FAULT, "sysctl -w net.ipv4.ip_forward=1", new ForwardingCheck());
        host.file("/proc/sys/net/ipv4/ip_forward", "1\n").file("/proc/sys/net/ipv6/conf/all/forwarding", "0\n");
        expect(Status.FAULT, "does not forward IPv6", new ForwardingCheck());
    }

    /** What the program left to the site comes back with a mark. */
    @Test
    void shouldSeeThatTheRuleForTheMarkIsMissing() {
        expect(Status.OK, "the site's rules refuse", new EnforcementCheck());
        final String saved = host.run("iptables", "iptables-nft-save").text();
        host.tool("iptables-nft-save", Access.OK, saved.replaceFirst("-A AMVERDICT -m mark .*\n", ""));
        expect(Status.WARNING, "comes to its queue again: no rule before it returns packets", new EnforcementCheck());
    }

    @Test
    void shouldSeeRulesOfHostsThatLeftTheConfiguration() throws IOException {
        expect(Status.OK, "hosts of the configuration only", new StaleRulesCheck());
        final String published = "-A AMVERDICT-PUBLIC -s 192.0.2.10/32 -d 203.0.113.5/32 -p udp -m udp --dport 10080"
                + " -j MARK --set-xmark 0x10000/0xf0000\n";
        mangle(":AMVERDICT-PUBLIC - [0:0]\n" + published);
        expect(Status.WARNING, "not in the configuration: [203.0.113.5]", new StaleRulesCheck());
        configure(
                "published: [{public: 203.0.113.5, host: 198.51.100.7, control-port: 10080}]\npublished-mask: 0xf0000\n");
        expect(Status.OK, "hosts of the configuration only", new StaleRulesCheck());
    }

    @Test
    void shouldNotClaimWithoutRootThatAFileCannotBeWritten() {
        host.file("/proc/self/status", "CapEff:\t0000000000000000\n");
        host.storage(new Host.Storage(true, false, false, 1L << 30));
        expect(Status.UNKNOWN, "sudo amverdict doctor", new WrittenFilesCheck());
    }

    @Test
    void shouldKnowWhereTheUnitLetsTheDaemonWrite() throws IOException {
        host.file(CapabilityCheck.UNITS.get(0), "[Service]\nProtectSystem=strict\n");
        expect(Status.OK, "can write", new WrittenFilesCheck());
        configure("events: {file: /srv/log/events.json}\n");
        expect(Status.WARNING, "ReadWritePaths=/srv/log", new WrittenFilesCheck());
        final String dropIn = "/etc/systemd/system/amverdict.service.d/override.conf";
        host.file(dropIn, "[Service]\nReadWritePaths=/srv/logs\n");
        expect(Status.WARNING, "ReadWritePaths=/srv/log", new WrittenFilesCheck());
        host.file(dropIn, "[Service]\nReadWritePaths=-/opt /srv\n");
        expect(Status.OK, "can write", new WrittenFilesCheck());
    }

    /** Rules of others by the form in which each tool prints marks. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "OK; -m mark --mark 0x40000/0xff0000 -j ACCEPT",
                "OK; -m mark --mark 0x1 -j MARK --set-xmark 0x4000/0x4000",
                "OK; -m comment --comment \"--mark 0x8000000/0x8000000\" -j ACCEPT",
                "OK; -j CONNMARK --restore-mark --nfmask 0xff0000 --ctmask 0xff0000",
                "OK; -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff",
                "OK; -j CONNMARK --restore-mark",
                "OK; -j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff",
                "WARNING; -j CONNMARK --save-mark --nfmask 0xff000000 --ctmask 0xff000000",
                "WARNING; -m mark --mark 0x8000000/0x8000000 -j ACCEPT",
                "WARNING; -m mark ! --mark 0x0/0xf000000 -j ACCEPT",
                "WARNING; -j MARK --set-xmark 0x0/0xff000000",
                "WARNING; -j MARK --set-xmark 0x8000001/0xffffffff",
                "WARNING; -m connmark --mark 0x1 -j ACCEPT",
                "WARNING; -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff",
                "WARNING; -j CONNMARK --set-xmark 0x1/0xffffffff",
                "WARNING; -p tcp -j TPROXY --on-port 1 --on-ip 0.0.0.0 --tproxy-mark 0x8000000/0x8000000",
                "WARNING; -j HMARK --hmark-tuple src --hmark-mod 10 --hmark-rnd 0x1"
            })
    void shouldSeeThatRulesOfOthersUseOurMarkBits(final Status status, final String rule) {
        host.tool(
                "iptables-nft-save",
                Host.Access.OK,
                "*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING " + rule + "\nCOMMIT\n");
        expect(status, "mark", new MarkBitsCheck());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "OK; {'match': {'op': '==', 'left': {'&': [{'meta': {'key': 'mark'}}, 16711680]}, 'right': 65536}}, {'accept': null}",
                "OK; {'mangle': {'key': {'meta': {'key': 'mark'}}, 'value': {'|': [{'meta': {'key': 'mark'}}, 1]}}}",
                "OK; {'mangle': {'key': {'meta': {'key': 'mark'}}, 'value': {'|': [{'&': [{'meta': {'key': 'mark'}}, 4294967040]}, 1]}}}",
                "WARNING; {'match': {'op': '!=', 'left': {'&': [{'meta': {'key': 'mark'}}, 4278190080]}, 'right': 0}}, {'drop': null}",
                "WARNING; {'mangle': {'key': {'meta': {'key': 'mark'}}, 'value': {'&': [{'meta': {'key': 'mark'}}, 16777215]}}}",
                "WARNING; {'mangle': {'key': {'meta': {'key': 'mark'}}, 'value': 134217729}}",
                "WARNING; {'mangle': {'key': {'ct': {'key': 'mark'}}, 'value': {'meta': {'key': 'mark'}}}}",
                "OK; {'mangle': {'key': {'meta': {'key': 'mark'}}, 'value': {'ct': {'key': 'mark'}}}}",
                "OK; {'mangle': {'key': {'meta': {'key': 'mark'}}, 'value': {'ct': {'key': 'mark'}}}}, {'mangle': {'key': {'ct': {'key': 'mark'}}, 'value': {'meta': {'key': 'mark'}}}}",
                "WARNING; {'match': {'op': '==', 'left': {'ct': {'key': 'mark'}}, 'right': 7}}, {'accept': null}",
            })
    void shouldSeeThatRulesOfNftUseOurMarkBits(final Status status, final String expressions) {
        host.tool("nft -j list ruleset", Host.Access.OK, """
                {"nftables": [{"table": {"family": "inet", "name": "t"}}, {"chain": {"family": "inet", "table": "t",
                "name": "c", "type": "filter", "hook": "prerouting", "prio": -150, "policy": "accept"}},
                {"rule": {"family": "inet", "table": "t", "chain": "c", "expr": [%s]}}]}""".formatted(expressions.replace('\'', '"')));
        expect(status, "mark", new MarkBitsCheck());
    }

    /** The usual rules of policy routing, by which the whole word goes from the connection to the packet and back. */
    @Test
    void shouldKnowWhenWholeWordsOfMarksDoHarm() {
        final String all = " --nfmask 0xffffffff --ctmask 0xffffffff\n";
        final String restore = "-A PREROUTING -j CONNMARK --restore-mark" + all;
        final String save = "-A PREROUTING -j CONNMARK --save-mark" + all;
        mangle(restore + "-A PREROUTING -i wan -j MARK --set-xmark 0x1/0xff\n" + save);
        expect(Status.OK, "no rule of others", new MarkBitsCheck());
        mangle(save + restore);
        expect(Status.WARNING, "overwrites the bits 0x8000000 of the connection mark", new MarkBitsCheck());
        expect(Status.WARNING, "give that rule a mask with its own bits", new MarkBitsCheck());
        mangle("-A PREROUTING -i lan -j CONNMARK --restore-mark" + all + save);
        expect(Status.WARNING, "overwrites the bits", new MarkBitsCheck());
        mangle(restore + "-A PREROUTING -m mark ! --mark 0x0 -j ACCEPT\n");
        expect(Status.WARNING, "tests the bits 0x8000000 of the packet mark", new MarkBitsCheck());
    }

    /** Later packets of a continued connection no longer have the number that their route is chosen by. */
    @Test
    void shouldSeeThatRestoredMarksChangeTheRoute() {
        final String restore = "-A PREROUTING -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff\n";
        final String routes = "ip -j -4 rule show";
        host.tool(routes, Host.Access.OK, "[{\"fwmark\":\"0x1\",\"table\":\"100\"}]");
        mangle(restore);
        expect(Status.WARNING, "(ip rule) tests the bits 0x8000000", new MarkBitsCheck());
        mangle(restore.replace("PREROUTING", "POSTROUTING"));
        expect(Status.OK, "no rule of others", new MarkBitsCheck());
        host.tool(routes, Host.Access.OK, "[{\"fwmark\":\"0x1\",\"fwmask\":\"0xff\",\"table\":\"100\"}]");
        mangle(restore);
        expect(Status.OK, "no rule of others", new MarkBitsCheck());
    }

    @Test
    void shouldKnowThatOurRulesOfInlineKeepNothingInTheConnection() {
        final String test = "-A PREROUTING -m connmark --mark 0x1 -j ACCEPT\n";
        mangle(test + "-A AMVERDICT-CONTINUE -j MARK --set-xmark 0x0/0x8000000\n");
        expect(Status.OK, "no rule of others", new MarkBitsCheck());
        mangle(test + "-A AMVERDICT-CONTINUE -p tcp -j CONNMARK --save-mark --nfmask 0x8000000 --ctmask 0x8000000\n");
        expect(Status.WARNING, "tests the bits 0x8000000 of the connection mark", new MarkBitsCheck());
    }

    /** The mark of a published host is under way from PREROUTING to POSTROUTING. */
    @Test
    void shouldSeeThatAWholeWordOverwritesTheMarkOfAPublishedHost() throws IOException {
        configure(
                "published: [{public: 203.0.113.5, host: 198.51.100.7, control-port: 10080}]\npublished-mask: 0xf0000\n");
        final String restore = "-j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff\n";
        mangle("-A PREROUTING " + restore);
        expect(Status.WARNING, "overwrites the bits 0xf0000 of the packet mark", new MarkBitsCheck());
        mangle("-A OUTPUT " + restore);
        expect(Status.OK, "no rule of others", new MarkBitsCheck());
    }

    private void mangle(final String rules) {
        final String chains = """
                *mangle
                :PREROUTING ACCEPT [0:0]
                :INPUT ACCEPT [0:0]
                :FORWARD ACCEPT [0:0]
                :OUTPUT ACCEPT [0:0]
                :POSTROUTING ACCEPT [0:0]
                :AMVERDICT-CONTINUE - [0:0]
                """;
        host.tool("iptables-nft-save", Host.Access.OK, chains + rules + "COMMIT\n");
        host.tool("ip6tables-nft-save", Host.Access.OK, "");
    }

    @Test
    void shouldSeeThatRoutingUsesOurMarkBits() {
        final String rules = "ip -j -4 rule show";
        host.tool(rules, Host.Access.OK, "[{\"priority\":1,\"src\":\"all\",\"fwmark\":\"0x1\",\"table\":\"100\"}]");
        expect(Status.OK, "no rule of others", new MarkBitsCheck());
        host.tool(rules, Host.Access.OK, "[{\"fwmark\":\"0x8000000\",\"fwmask\":\"0xf000000\",\"table\":\"100\"}]");
        expect(Status.WARNING, "'fwmark 0x8000000/0xf000000' (ip rule) tests the bits 0x8000000", new MarkBitsCheck());
        expect(Status.WARNING, "set continue-mark: 0x80000000 in", new MarkBitsCheck());
    }

    @Test
    void shouldSeeThatNothingKeepsTheClockRight() {
        expect(Status.OK, "synchronised", new ClockCheck());
        host.unsynchronised();
        expect(Status.WARNING, "timedatectl set-ntp true", new ClockCheck());
    }
}
