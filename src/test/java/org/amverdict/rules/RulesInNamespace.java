package org.amverdict.rules;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.amverdict.cli.RulesCommand;
import org.amverdict.config.Settings;
import org.amverdict.nfqueue.QueueSettings;
import org.amverdict.nfqueue.QueueSocket;
import org.amverdict.nfqueue.ffi.NativeThread;
import org.amverdict.policy.PortSet;
import org.amverdict.rules.RuleOptions.At;
import org.amverdict.rules.RuleOptions.Fanout;
import org.amverdict.rules.RuleOptions.Placement;
import org.amverdict.rules.RuleSet.Format;
import org.amverdict.rules.RulesException.Cause;
import picocli.CommandLine;

/** Runs inside namespaces that {@link RulesIT} made; changes rules freely. Throws when something is not as it should be. */
final class RulesInNamespace {
    private static final String CONFIGURATION = RuleSetTest.CONFIGURATION;
    private static final int TIMED_OUT = 124;
    private static final int REFUSED = 1;
    private static final Path QUEUES = Path.of("/proc/self/net/netfilter/nfnetlink_queue");
    private static final int DATAGRAMS = 20;
    /** As many as the queues of the test. */
    private static final int PROCESSORS_MAX = 4;

    private RulesInNamespace() {}

    public static void main(final String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "iptables" -> iptables();
            case "nft" -> nft();
            case "packets" -> packets();
            case "life" -> life();
            case "fanout-iptables" -> fanout(Format.IPTABLES);
            case "fanout-nft" -> fanout(Format.NFT);
            case "unprivileged" -> unprivileged();
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static String run(final String... command) throws Exception {
        final Path output = Files.createTempFile("amv-policy", ".txt");
        try {
            final Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            check(process.waitFor(30, TimeUnit.SECONDS), "timeout of " + String.join(" ", command));
            final String text = Files.readString(output);
            check(process.exitValue() == 0, String.join(" ", command) + ": " + text);
            return text;
        } finally {
            Files.delete(output);
        }
    }

    private static void sh(final String script) throws Exception {
        run("sh", "-euc", script);
    }

    private static void check(final boolean good, final String message) {
        if (!good) {
            throw new AssertionError(message);
        }
    }

    private static void same(final String before, final String after, final String about) {
        check(before.equals(after), about + "\n--- before\n" + before + "\n--- after\n" + after);
    }

    private static List<RuleOptions> combinations() {
        return List.of(Placement.values()).stream()
                .flatMap(placement -> List.of(At.values()).stream()
                        .map(at -> new RuleOptions(
                                at,
                                placement,
                                at == At.SERVER,
                                at == At.FORWARD ? Fanout.HOST_PAIR : Fanout.PROCESSOR,
                                at == At.CLIENT ? PortSet.of(22) : null,
                                0)))
                .toList();
    }

    /** The time of saving is not part of the rules. */
    private static String saved() throws Exception {
        return (run("iptables-save") + run("ip6tables-save")).replaceAll("(?m)^#.*\n", "");
    }

    private static void iptables() throws Exception {
        for (final String tool : List.of("iptables", "ip6tables")) {
            sh(tool + " -A FORWARD -i lo -j ACCEPT; " + tool + " -P FORWARD DROP; " + tool + " -N AMVERDICTS; " + tool
                    + " -A INPUT -j AMVERDICTS; " + tool + " -t mangle -A FORWARD -j MARK --set-mark 0x100; "
                    + tool + " -t nat -A POSTROUTING -o nowhere -j MASQUERADE");
        }
        final String before = saved();
        final Settings settings = RuleSetTest.settings(CONFIGURATION);
        final Path script = Files.createTempFile("amv-policy", ".sh");
        for (final RuleOptions options : combinations()) {
            final RuleRequest request = new RuleRequest(Format.IPTABLES, options);
            check(RuleSet.difference(settings, request).standing() == RuleStanding.GONE, "not gone: " + options);
            check(!RuleSet.apply(settings, Format.IPTABLES, options).same(), "nothing changed by " + options);
            final String once = saved();
            final RuleDifference none = RuleSet.difference(settings, request);
            check(none.same() && none.standing() == RuleStanding.IN_PLACE, options + ": " + none.lines());
            check(
                    RuleSet.apply(settings, Format.IPTABLES, options).same(),
                    "changed by the second apply of " + options);
            same(once, saved(), "second apply of " + options);
            check(once.contains("-A AMVERDICT-ASK -p tcp -j NFQUEUE --queue-balance 11:14"), once);
            check(once.contains("--queue-cpu-fanout") == (options.fanout() == Fanout.PROCESSOR), once);
            Files.writeString(script, RuleSet.text(settings, Format.IPTABLES, options));
            run("sh", script.toString());
            same(once, saved(), "printed script after apply, " + options);

            RuleSet.remove(Format.IPTABLES);
            same(before, saved(), "remove of " + options);
            RuleSet.remove(Format.IPTABLES);
            same(before, saved(), "second remove of " + options);
            run("sh", script.toString());
            same(sorted(once), sorted(saved()), "printed script alone, " + options);
            check(RuleSet.difference(settings, request).same(), "the printed script differs, " + options);
            run("sh", script.toString());
            same(sorted(once), sorted(saved()), "printed script twice, " + options);
            RuleSet.remove(Format.IPTABLES);
        }
        // From any rules to any other, without removal between, with fewer hosts and without IPv6.
        final Settings fewer = RuleSetTest.settings(
                "allow: [{requesters: 192.0.2.10, responders: 192.0.2.11, services: noop}]\nmarks: {data: 1}");
        for (final RuleOptions from : combinations()) {
            for (final RuleOptions to :
                    List.of(combinations().get(0), combinations().get(8))) {
                RuleSet.apply(settings, Format.IPTABLES, from);
                final RuleDifference change = RuleSet.difference(fewer, new RuleRequest(Format.IPTABLES, to));
                check(change.lines().toString().contains("198.51.100."), "no stale host in " + change.lines());
                same(
                        change.lines().toString(),
                        RuleSet.apply(fewer, Format.IPTABLES, to).lines().toString(),
                        "what --diff announced");
                final String changed = saved();
                RuleSet.remove(Format.IPTABLES);
                same(before, saved(), "remove after a change");
                RuleSet.apply(fewer, Format.IPTABLES, to);
                same(sorted(saved()), sorted(changed), "change from " + from + " to " + to);
            }
        }
        Files.delete(script);
        final String kind = run("iptables", "--version").contains("legacy") ? "legacy" : "nf_tables";
        System.out.println(combinations().size() + " combinations, " + kind);
    }

    /** Chains are listed in the order in which they were made; the rules of each keep theirs. */
    private static String sorted(final String saved) {
        return saved.lines().sorted().toList().toString();
    }

    private static void nft() throws Exception {
        run("nft", "add table inet mine");
        run("nft", "add chain inet mine forward { type filter hook forward priority 0; policy drop; }");
        final String before = run("nft", "list", "ruleset");
        final Settings settings = RuleSetTest.settings(CONFIGURATION);
        final boolean queue = hasQueue(before, RuleSetTest.GATE);
        for (final RuleOptions options : combinations()) {
            loadNft(settings, options, queue);
            final String once = run("nft", "list", "ruleset");
            loadNft(settings, options, queue);
            same(once, run("nft", "list", "ruleset"), "second apply of " + options);
            check(once.contains("table inet amverdict {"), once);
            differsFromNothing(settings, options, queue);
            RuleSet.remove(Format.NFT);
            same(before, run("nft", "list", "ruleset"), "remove of " + options);
            RuleSet.remove(Format.NFT);
            same(before, run("nft", "list", "ruleset"), "second remove of " + options);
        }
        System.out.println(combinations().size() + " combinations " + (queue ? "with queue" : "without queue"));
    }

    /** Also sees that a refused document changes nothing, and that the refusal is understood. */
    private static boolean hasQueue(final String before, final RuleOptions options) throws Exception {
        try {
            RuleSet.apply(RuleSetTest.settings(CONFIGURATION), Format.NFT, options);
            return true;
        } catch (final RulesException e) {
            check(e.why() == Cause.UNAVAILABLE && String.valueOf(e.getMessage()).contains("CONFIG_NFT_QUEUE"), "" + e);
            same(before, run("nft", "list", "ruleset"), "refused document");
            return false;
        }
    }

    private static void loadNft(final Settings settings, final RuleOptions options, final boolean queue)
            throws Exception {
        final Path file = Files.createTempFile("amv-policy", ".nft");
        Files.writeString(file, nftText(settings, options, queue));
        run("nft", "-f", file.toString());
        Files.delete(file);
    }

    private static String nftText(final Settings settings, final RuleOptions options, final boolean queue)
            throws RulesException {
        final String text = RuleSet.text(settings, Format.NFT, options);
        return queue ? text : text.replaceAll("queue num [0-9-]+( bypass)?([ ,]fanout)?", "drop");
    }

    /** What befalls rules after they were loaded, and what is said of it and put right. */
    private static void life() throws Exception {
        final Settings settings = RuleSetTest.settings(CONFIGURATION);
        final RuleRequest request = new RuleRequest(Format.IPTABLES, RuleSetTest.GATE);
        final RuleSurvey survey = new RuleSurvey();
        check(survey.look(settings, Optional.empty()).standing() == RuleStanding.GONE, "no rules");
        RuleSet.apply(settings, Format.IPTABLES, request.options());
        for (final Optional<RuleRequest> last : List.of(Optional.of(request), Optional.<RuleRequest>empty())) {
            check(survey.look(settings, last).standing() == RuleStanding.IN_PLACE, "in place");
            // As Docker does at each start; one rule that only logs, or is for the loopback, does no harm.
            sh(
                    "iptables -I FORWARD -j LOG; iptables -I FORWARD ! -o lo -j MARK --set-mark 1; iptables -I FORWARD -i lo -j ACCEPT");
            sh("iptables -N DOCKER-USER; iptables -A DOCKER-USER -m conntrack --ctstate INVALID -j DROP");
            sh("iptables -I FORWARD -j DOCKER-USER");
            check(survey.look(settings, last).standing() == RuleStanding.IN_PLACE, "rules that do not decide");
            sh("iptables -A DOCKER-USER -s 192.0.2.10 -j DROP");
            final RuleDifference behind = survey.look(settings, last);
            check(behind.standing() == RuleStanding.NOT_FIRST, "not first: " + behind);
            final RuleDifference moved = RuleSet.apply(settings, Format.IPTABLES, request.options());
            check(
                    moved.lines()
                            .get(0)
                            .endsWith("(not first; what may decide before is -A DOCKER-USER -s 192.0.2.10/32 -j DROP)"),
                    "" + moved);
            check(run("iptables", "-S", "FORWARD").lines().toList().get(1).equals("-A FORWARD -j AMVERDICT"), "first");
            check(survey.look(settings, last).standing() == RuleStanding.IN_PLACE, "moved");
            sh("iptables -F FORWARD; iptables -F DOCKER-USER; iptables -X DOCKER-USER");
            check(survey.look(settings, last).standing() == RuleStanding.INCOMPLETE, "no jump");
            RuleSet.apply(settings, Format.IPTABLES, request.options());
        }
        sh("iptables -D AMVERDICT-ASK 1; iptables -A AMVERDICT -s 192.0.2.99 -j AMVERDICT-ASK");
        final RuleDifference change = survey.look(settings, Optional.of(request));
        check(
                change.lines().get(0).equals("- iptables filter -A AMVERDICT -s 192.0.2.99 -j AMVERDICT-ASK"),
                "" + change);
        check(change.lines().size() == 2 && change.standing() == RuleStanding.INCOMPLETE, "" + change);
        // An administrator's own jump to our chain does not keep it from going.
        sh("iptables -N mine; iptables -A mine -s 192.0.2.0/24 -j AMVERDICT; iptables -A FORWARD -g AMVERDICT");
        final RuleDifference removed = RuleSet.remove(Format.IPTABLES);
        check(removed.lines().contains("- iptables filter -A mine -s 192.0.2.0/24 -j AMVERDICT"), "" + removed);
        check(!saved().contains("AMVERDICT"), saved());
        for (final Optional<RuleRequest> last : List.of(Optional.of(request), Optional.<RuleRequest>empty())) {
            check(survey.look(settings, last).standing() == RuleStanding.GONE, "gone");
        }
        sh("iptables -A mine -p udp -j NFQUEUE --queue-balance 9:10");
        check(
                survey.look(settings, Optional.of(request)).standing() == RuleStanding.IN_PLACE,
                "rules of the operator's own");
        sh("iptables -F mine; iptables -A mine -p udp -j NFQUEUE --queue-balance 15:16");
        check(survey.look(settings, Optional.of(request)).standing() == RuleStanding.GONE, "queues of others");
        System.out.println("as expected");
    }

    /** The wanted rules, as nft prints them, are those that were loaded; one that is missing or too many is found. */
    private static void differsFromNothing(final Settings settings, final RuleOptions options, final boolean queue)
            throws Exception {
        final String text = nftText(settings, options, queue);
        final String before = run("nft", "list", "ruleset");
        final NftListing wanted = NftTool.printed(text);
        same(before, run("nft", "list", "ruleset"), "printing the wanted rules of " + options);
        final RuleDifference none = wanted.from(NftTool.installed());
        check(none.same() && none.standing() == RuleStanding.IN_PLACE, options + ": " + none.lines());
        run("nft", "flush", "chain", "inet", "amverdict", "pairs");
        final RuleDifference missing = wanted.from(NftTool.installed());
        check(missing.standing() == RuleStanding.INCOMPLETE, "" + missing);
        check(missing.lines().get(0).startsWith("+ nft inet amverdict pairs "), "" + missing.lines());
        run("nft", "add", "chain", "inet", "amverdict", "stale");
        run("nft", "add", "rule", "inet", "amverdict", "stale", "ip", "saddr", "192.0.2.99", "accept");
        final String lines = wanted.from(NftTool.installed()).lines().toString();
        check(lines.contains("- nft inet amverdict stale ip saddr 192.0.2.99 accept"), lines);
        run("nft", "delete", "table", "inet", "amverdict");
        check(wanted.from(NftTool.installed()).standing() == RuleStanding.GONE, "not gone");
        loadNft(settings, options, queue);
    }

    /** Hosts a and b on both sides of this namespace, which forwards nothing by itself. */
    private static void makeHosts() throws Exception {
        sh("""
                for h in a b; do ip netns add $h; ip link add to-$h type veth peer name eth0 netns $h; ip link set to-$h up
                    ip -n $h link set lo up; ip -n $h link set eth0 up; done
                sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
                ip addr add 192.0.2.1/24 dev to-a; ip addr add 2001:db8::1/64 dev to-a nodad
                ip addr add 198.51.100.1/24 dev to-b; ip addr add 2001:db8:1::1/64 dev to-b nodad
                ip -n a addr add 192.0.2.10/24 dev eth0; ip -n a addr add 2001:db8::10/64 dev eth0 nodad
                ip -n b addr add 198.51.100.7/24 dev eth0; ip -n b addr add 2001:db8:1::7/64 dev eth0 nodad
                ip -n a route add default via 192.0.2.1; ip -n a route add default via 2001:db8::1
                ip -n b route add default via 198.51.100.1; ip -n b route add default via 2001:db8:1::1
                iptables -P FORWARD DROP; ip6tables -P FORWARD DROP
                """);
    }

    private static void packets() throws Exception {
        makeHosts();
        for (final Placement placement : Placement.values()) {
            final Settings settings = RuleSetTest.settings(CONFIGURATION);
            final RuleOptions closed = new RuleOptions(At.FORWARD, placement, false, Fanout.HOST_PAIR, null, 0);
            final RuleOptions bypass = new RuleOptions(At.FORWARD, placement, true, Fanout.HOST_PAIR, null, 0);
            final RuleOptions except =
                    new RuleOptions(At.FORWARD, placement, true, Fanout.HOST_PAIR, PortSet.of(11_000), 0);
            for (final String address : List.of("198.51.100.7", "2001:db8:1::7")) {
                RuleSet.apply(settings, Format.IPTABLES, closed);
                expect(TIMED_OUT, address, "nobody listens, " + placement);
                RuleSet.apply(settings, Format.IPTABLES, bypass);
                // Refused by b: its RST came back through the firewall.
                expect(REFUSED, address, "bypass, " + placement);
                if (placement == Placement.GATE) {
                    final String counts =
                            run(address.contains(":") ? "ip6tables" : "iptables", "-nvxL", "AMVERDICT-ANSWER");
                    check(counts.matches("(?s).*\\n +1 +\\d+ ACCEPT +(tcp|6) .*ESTABLISHED.*"), counts);
                }
                RuleSet.apply(settings, Format.IPTABLES, except);
                expect(TIMED_OUT, address, "left to policy DROP, " + placement);
                RuleSet.remove(Format.IPTABLES);
                expect(TIMED_OUT, address, "removed");
            }
        }
        passMark();
        System.out.println("as expected");
    }

    /** Queue 11 is that of processor 0, 12 that of processor 1; without fan-out, a host pair and protocol have one. */
    private static void fanout(final Format format) throws Exception {
        makeHosts();
        // Else the first packet waits for its neighbour, and goes on with whichever processor hears of it.
        sh("""
                mac=$(ip -o link show to-a | sed 's/.*link.ether \\([^ ]*\\).*/\\1/')
                for address in 192.0.2.1 2001:db8::1; do
                    ip -n a neigh replace $address lladdr $mac dev eth0 nud permanent; done
                """);
        final Settings settings = RuleSetTest.settings("queues: [{numbers: 11-14}]\n" + CONFIGURATION);
        final RuleOptions spread = new RuleOptions(At.FORWARD, Placement.GATE, false, Fanout.PROCESSOR, null, 0);
        final RuleOptions flagged = new RuleOptions(At.FORWARD, Placement.GATE, true, Fanout.PROCESSOR, null, 0);
        if (format == Format.NFT && !hasQueue(run("nft", "list", "ruleset"), flagged)) {
            System.out.println("without queue");
            return;
        }
        final List<QueueSocket> queues = new ArrayList<>();
        for (int queue = 11; queue <= 14; queue++) {
            queues.add(QueueSocket.open(QueueSettings.of(queue)));
        }
        for (final String address : List.of("198.51.100.7", "2001:db8:1::7")) {
            RuleSet.apply(settings, format, spread);
            for (int processor = 0; processor < Math.min(PROCESSORS_MAX, processors()); processor++) {
                final int[] expected = new int[queues.size()];
                expected[processor] = DATAGRAMS;
                check(
                        Arrays.equals(expected, arrivals(address, processor)),
                        "processor " + processor + " to " + address + ": " + Files.readString(QUEUES));
            }
            RuleSet.apply(settings, format, RuleSetTest.GATE);
            final int[] first = arrivals(address, 0);
            check(Arrays.stream(first).filter(n -> n == DATAGRAMS).count() == 1, Arrays.toString(first));
            check(Arrays.equals(first, arrivals(address, processors() - 1)), Files.readString(QUEUES));
        }
        queues.forEach(QueueSocket::close);
        System.out.println("with queue, " + processors() + " processors");
    }

    private static int processors() {
        return Runtime.getRuntime().availableProcessors();
    }

    /** How many datagrams that a sends on that processor come to each queue. */
    private static int[] arrivals(final String address, final int processor) throws Exception {
        final int[] before = queued();
        final Throwable[] failure = new Throwable[1];
        final Thread sender = new Thread(() -> {
            NativeThread.enterNetworkNamespace(Path.of("/run/netns/a"));
            NativeThread.pinTo(processor);
            try (DatagramSocket socket = new DatagramSocket()) {
                for (int i = 0; i < DATAGRAMS; i++) {
                    socket.send(new DatagramPacket(new byte[1], 1, InetAddress.getByName(address), 10_080));
                }
            } catch (final IOException e) {
                failure[0] = e;
            }
        });
        sender.start();
        sender.join();
        check(failure[0] == null, "" + failure[0]);
        final int[] after = queued();
        for (int i = 0; i < after.length; i++) {
            after[i] -= before[i];
        }
        return after;
    }

    /** Packets that each queue holds, in order of their numbers; nobody reads them. */
    private static int[] queued() throws Exception {
        return Files.readAllLines(QUEUES).stream()
                .mapToInt(line -> Integer.parseInt(line.strip().split(" +", -1)[2]))
                .toArray();
    }

    /** nft without queue: accept in our table is not final, the pass mark opens the other table. */
    private static void passMark() throws Exception {
        sh("iptables -P FORWARD ACCEPT; ip6tables -P FORWARD ACCEPT; nft add table inet mine");
        sh("nft 'add chain inet mine forward { type filter hook forward priority 0; policy drop; }'");
        sh("nft add rule inet mine forward 'meta mark & 0x1000000 == 0x1000000 accept'");
        final Settings settings = RuleSetTest.settings(CONFIGURATION);
        for (final long mark : new long[] {0, 0x1000000}) {
            final Path file = Files.createTempFile("amv-policy", ".nft");
            Files.writeString(
                    file,
                    RuleSet.text(
                                    settings,
                                    Format.NFT,
                                    new RuleOptions(At.FORWARD, Placement.GATE, true, Fanout.HOST_PAIR, null, mark))
                            .replaceAll("queue num [0-9-]+( bypass)?", "accept"));
            run("nft", "-f", file.toString());
            Files.delete(file);
            expect(mark == 0 ? TIMED_OUT : REFUSED, "198.51.100.7", "pass mark " + mark);
        }
    }

    private static void expect(final int status, final String address, final String about) throws Exception {
        // The second SYN comes after one second: two are enough to see that none passes.
        final Process process = new ProcessBuilder(
                        "ip", "netns", "exec", "a", "timeout", "1.5", "bash", "-c", "</dev/tcp/" + address + "/11000")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        check(process.waitFor(20, TimeUnit.SECONDS), "timeout");
        check(
                process.exitValue() == status,
                about + ", " + address + ": status " + process.exitValue() + ", not " + status);
    }

    /** As a user without capabilities, in the namespace as it is. */
    private static void unprivileged() throws Exception {
        final String java =
                Path.of(System.getProperty("java.home"), "bin", "java").toString();
        for (final String format : List.of("iptables", "nft")) {
            final Process process = new ProcessBuilder(
                            "setpriv",
                            "--bounding-set=-all",
                            "--inh-caps=-all",
                            java,
                            "-cp",
                            System.getProperty("java.class.path"),
                            Command.class.getName(),
                            "--format",
                            format,
                            "--remove")
                    .redirectErrorStream(true)
                    .start();
            final String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            check(process.waitFor() == 77, format + ": " + process.exitValue() + " " + text);
            check(text.contains("needs root or CAP_NET_ADMIN"), text);
        }
        System.out.println("as expected");
    }

    /** The command alone. */
    static final class Command {
        private Command() {}

        public static void main(final String[] arguments) {
            System.exit(new CommandLine(new RulesCommand()).execute(arguments));
        }
    }
}
