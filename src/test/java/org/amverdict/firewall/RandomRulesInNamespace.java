package org.amverdict.firewall;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amverdict.firewall.ProbePacket.End;
import org.amverdict.firewall.ProbePacket.Links;
import org.amverdict.firewall.ProbePacket.State;
import org.amverdict.host.LocalHost;
import org.amverdict.policy.HostPrefix;

/**
 * Runs inside namespaces that {@link RandomRulesIT} made: a router between the hosts a and b. Random rules are loaded, read
 * back and walked, and packets are sent through them. The walk must not say YES or NO of what did not come so.
 */
final class RandomRulesInNamespace {
    static final int[] PORTS = {10_080, 850, 20_001, 45_000, 53};

    private static final int REFUSED_MAX = 400;
    private static final String[] HOSTS = {"192.0.2.10", "192.0.2.11", "198.51.100.7", "198.51.100.8"};
    private static final String[] HOSTS6 = {"2001:db8::10", "2001:db8::11", "2001:db8:1::7", "2001:db8:1::8"};
    private static final Pattern LINE = Pattern.compile("(?:line:? |^[^ ]*?nft[^ :]*:)(\\d+)");
    private static final Pattern COUNTED = Pattern.compile("^\\[(\\d+):\\d+\\] -A (.*)$");

    private final Random random;
    private final Path file;
    private final Peer a;
    private final Peer b;
    private final Map<String, Integer> answers = new TreeMap<>();
    private int sure;
    private int unsure;

    private RandomRulesInNamespace(final long seed) throws IOException {
        random = new Random(seed);
        file = Files.createTempFile("amv-rules", ".nft");
        a = new Peer("a");
        b = new Peer("b");
    }

    public static void main(final String[] arguments) throws Exception {
        if (arguments[0].equals("peer")) {
            send();
            return;
        }
        final long seed = Long.parseLong(arguments[0]);
        network();
        final RandomRulesInNamespace test = new RandomRulesInNamespace(seed);
        test.sets();
        test.rounds(Integer.parseInt(arguments[1]));
    }

    /** A process in the namespace of a host, which sends what it is told. */
    private static final class Peer {
        private final String name;
        private final BufferedReader answers;
        private final Writer orders;

        Peer(final String name) throws IOException {
            this.name = name;
            final Process process = new ProcessBuilder(
                            "ip",
                            "netns",
                            "exec",
                            name,
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            RandomRulesInNamespace.class.getName(),
                            "peer")
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            orders = process.outputWriter(StandardCharsets.UTF_8);
        }

        void send(final String packet) throws IOException {
            orders.write(packet + "\n");
            orders.flush();
            final String answer = answers.readLine();
            check("ok".equals(answer), name + " could not send " + packet + ": " + answer);
        }
    }

    /** Reads "udp 192.0.2.10 850 198.51.100.7 10080" from its input until that ends. */
    private static void send() throws IOException {
        final BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            final String[] words = order.split(" ", -1);
            final InetSocketAddress from =
                    new InetSocketAddress(InetAddress.getByName(words[1]), Integer.parseInt(words[2]));
            final InetSocketAddress to =
                    new InetSocketAddress(InetAddress.getByName(words[3]), Integer.parseInt(words[4]));
            if (words[0].equals("udp")) {
                try (DatagramSocket socket = new DatagramSocket(from)) {
                    socket.send(new DatagramPacket(new byte[8], 8, to));
                }
            } else {
                try (SocketChannel channel = SocketChannel.open()) {
                    channel.configureBlocking(false);
                    channel.bind(from);
                    channel.connect(to);
                }
            }
            System.out.println("ok");
        }
    }

    private static void check(final boolean good, final String message) {
        if (!good) {
            throw new AssertionError(message);
        }
    }

    /** Exit status, then what it printed. */
    private static String[] tried(final Path input, final String... command) throws Exception {
        final Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(input.toFile())
                .start();
        final String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        check(process.waitFor(30, TimeUnit.SECONDS), "timeout of " + String.join(" ", command));
        return new String[] {Integer.toString(process.exitValue()), text};
    }

    private static String run(final String... command) throws Exception {
        final String[] answer = tried(Path.of("/dev/null"), command);
        check(answer[0].equals("0"), String.join(" ", command) + ": " + answer[1]);
        return answer[1];
    }

    private static void network() throws Exception {
        run("sh", "-euc", """
                n=1
                for h in a b; do
                    ip netns add $h
                    ip link add ${h}0 address 02:00:00:00:00:0$n type veth peer name eth0 netns $h
                    ip -n $h link set dev eth0 address 02:00:00:00:01:0$n
                    ip link set ${h}0 up; ip -n $h link set lo up; ip -n $h link set eth0 up
                    n=$((n+1))
                done
                sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
                ip addr add 192.0.2.1/24 dev a0; ip addr add 198.51.100.1/24 dev b0
                ip addr add 2001:db8::1/64 dev a0 nodad; ip addr add 2001:db8:1::1/64 dev b0 nodad
                for x in 10 11; do
                    ip -n a addr add 192.0.2.$x/24 dev eth0; ip -n a addr add 2001:db8::$x/64 dev eth0 nodad
                    ip neigh add 192.0.2.$x lladdr 02:00:00:00:01:01 dev a0
                    ip neigh add 2001:db8::$x lladdr 02:00:00:00:01:01 dev a0
                done
                for x in 7 8; do
                    ip -n b addr add 198.51.100.$x/24 dev eth0; ip -n b addr add 2001:db8:1::$x/64 dev eth0 nodad
                    ip neigh add 198.51.100.$x lladdr 02:00:00:00:01:02 dev b0
                    ip neigh add 2001:db8:1::$x lladdr 02:00:00:00:01:02 dev b0
                done
                ip -n a neigh add 192.0.2.1 lladdr 02:00:00:00:00:01 dev eth0
                ip -n a neigh add 2001:db8::1 lladdr 02:00:00:00:00:01 dev eth0
                ip -n b neigh add 198.51.100.1 lladdr 02:00:00:00:00:02 dev eth0
                ip -n b neigh add 2001:db8:1::1 lladdr 02:00:00:00:00:02 dev eth0
                ip -n a route add default via 192.0.2.1; ip -n a -6 route add default via 2001:db8::1
                ip -n b route add default via 198.51.100.1; ip -n b -6 route add default via 2001:db8:1::1
                for h in a b; do for p in udp tcp; do for t in iptables ip6tables; do
                    ip netns exec $h $t -t raw -A PREROUTING -p $p -j DROP
                done; done; done
                """);
    }

    private void sets() throws Exception {
        Files.writeString(file, RandomIptables.sets());
        // Without ipset the rules that name its sets are refused, like others that are not here.
        tried(file, "sh", "-c", "ipset restore");
    }

    /** Loads rules; lines that the tool or the kernel refuses are taken out. */
    private void load(final String rules, final IntConsumer refused, final String... command) throws Exception {
        final List<String> lines = new ArrayList<>(Arrays.asList(rules.split("\n", -1)));
        for (int i = 0; i < REFUSED_MAX; i++) {
            Files.writeString(file, String.join("\n", lines));
            final String[] answer = tried(file, command);
            if (answer[0].equals("0")) {
                return;
            }
            final Set<Integer> bad = new TreeSet<>();
            for (final String said : answer[1].split("\n", -1)) {
                final Matcher line = LINE.matcher(said);
                if (line.find()) {
                    bad.add(Integer.parseInt(line.group(1)));
                }
            }
            check(!bad.isEmpty(), answer[1]);
            for (final int line : bad) {
                if (!lines.get(line - 1).isBlank()) {
                    refused.accept(line);
                    lines.set(line - 1, "");
                }
            }
        }
        throw new AssertionError("too many rules are refused");
    }

    private void rounds(final int count) throws Exception {
        final RandomIptables[] iptables = {new RandomIptables(random, true), new RandomIptables(random, false)};
        final RandomNft nft = new RandomNft(random);
        for (int i = 0; i < 2; i++) {
            load(iptables[i].each(), iptables[i]::refuse, (i == 0 ? "iptables" : "ip6tables") + "-nft-restore");
        }
        load(nft.each(), nft::refuse, "nft", "-f", file.toString());
        FirewallReader.read(new LocalHost());
        System.out.println("not here: " + iptables[0].refused() + iptables[1].refused() + nft.refused());
        for (int i = 0; i < count; i++) {
            final boolean ipv4 = random.nextInt(3) > 0;
            run("nft", "flush", "ruleset");
            final int kind = random.nextInt(3);
            if (kind != 0) {
                final String family = ipv4 ? "iptables" : "ip6tables";
                load(iptables[ipv4 ? 0 : 1].make(), line -> {}, family + "-nft-restore");
            }
            if (kind != 1) {
                load(nft.make(), line -> {}, "nft", "-f", file.toString());
            }
            final Firewall firewall = FirewallReader.read(new LocalHost());
            check(firewall.unreadable().isEmpty(), firewall.unreadable().toString());
            packets(firewall, ipv4);
        }
        System.out.println(count + " rule sets as expected, " + sure + " answers sure, " + unsure + " not: " + answers);
    }

    private void packets(final Firewall firewall, final boolean ipv4) throws Exception {
        final String[] hosts = ipv4 ? HOSTS : HOSTS6;
        final String asker = hosts[random.nextInt(2)];
        final String answerer = hosts[2 + random.nextInt(2)];
        final int from = 850;
        final int to = random.nextInt(3) > 0 ? 10_080 : PORTS[random.nextInt(PORTS.length)];
        run("conntrack", "-F");
        final boolean asked = packet(firewall, "udp", asker, from, answerer, to, State.NEW);
        // The answer of another host than was asked belongs to no connection.
        if (asked
                && !firewall.translates(ipv4)
                && packet(firewall, "udp", answerer, to, asker, from, State.ESTABLISHED)) {
            packet(firewall, "udp", asker, from, answerer, to, State.ESTABLISHED);
        }
        packet(firewall, "tcp", asker, 45_000, answerer, PORTS[random.nextInt(PORTS.length)], State.NEW);
    }

    /** Sends it, and compares what the rules did with what the walk says. */
    private boolean packet(
            final Firewall firewall,
            final String protocol,
            final String from,
            final int fromPort,
            final String to,
            final int toPort,
            final State state)
            throws Exception {
        final boolean forth = from.startsWith("192.0.2.") || from.startsWith("2001:db8::");
        final boolean ipv4 = !from.contains(":");
        final Links links =
                new Links(new TreeSet<>(Set.of(forth ? "a0" : "b0")), new TreeSet<>(Set.of(forth ? "b0" : "a0")));
        final ProbePacket packet = new ProbePacket(
                "packet",
                new End(HostPrefix.parse(from), fromPort),
                new End(HostPrefix.parse(to), toPort),
                protocol.equals("tcp"),
                state,
                links);
        final RuleTrace trace = firewall.trace(packet, ProbePacket.Path.ACROSS, Recorded.OWN);
        final String receiver = forth ? "b" : "a";
        final long before = arrived(receiver, ipv4, protocol);
        final long queuedBefore = queued(ipv4);
        (forth ? a : b).send(protocol + " " + from + " " + fromPort + " " + to + " " + toPort);
        final boolean arrived = arrived(receiver, ipv4, protocol) > before;
        final boolean queued = queued(ipv4) > queuedBefore;
        compare(trace, trace.isDropped(), !arrived, "dropped");
        compare(trace, trace.reachesQueue(), queued, "queued");
        return arrived;
    }

    private void compare(final RuleTrace trace, final Certainty said, final boolean was, final String what)
            throws Exception {
        answers.merge(what + " " + was + ", said " + said, 1, Integer::sum);
        if (said == Certainty.PERHAPS) {
            unsure++;
        } else {
            sure++;
        }
        if (said == (was ? Certainty.NO : Certainty.YES)) {
            throw new AssertionError(what + " " + was + ", but the walk says " + said + " of " + trace.packet() + "\n"
                    + trace.steps() + "\n"
                    + run("sh", "-c", "iptables-save -c; ip6tables-save -c; nft list table inet amv; true"));
        }
    }

    private static long arrived(final String host, final boolean ipv4, final String protocol) throws Exception {
        final String saved =
                run("ip", "netns", "exec", host, ipv4 ? "iptables-save" : "ip6tables-save", "-c", "-t", "raw");
        return count(saved, "-p " + protocol + " -j DROP");
    }

    private static long queued(final boolean ipv4) throws Exception {
        final String saved = run(ipv4 ? "iptables-nft-save" : "ip6tables-nft-save", "-c");
        return count(saved, "--queue-num 10 ") + count(saved, "--queue-balance 11:14 ");
    }

    private static long count(final String saved, final String rule) {
        long all = 0;
        for (final String line : saved.split("\n", -1)) {
            final Matcher counted = COUNTED.matcher(line);
            if (counted.matches() && (counted.group(2) + " ").contains(rule)) {
                all += Long.parseLong(counted.group(1));
            }
        }
        return all;
    }
}
