package org.amverdict.firewall;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * Random rules for iptables-restore over the grammar of iptables-extensions(8). Templates that the kernel or the tool does
 * not take are dropped when {@link #refuse} names one of their lines.
 */
final class RandomIptables {
    private static final String[] CONDITIONS = {
        "-s $A",
        "! -s $A",
        "-d $B",
        "! -d $B",
        "-s $ANET",
        "-d $BNET",
        "-s $MASK",
        "-d $MULTICAST",
        "-s $A -d $B",
        "-i a0",
        "-i b0",
        "-i a+",
        "! -i a0",
        "! -i docker0",
        "-i docker0",
        "-i +",
        "-i lo",
        "-i br-+",
        "-p udp",
        "-p tcp",
        "! -p tcp",
        "-p icmp",
        "-p sctp",
        "-p udp -m udp --dport $P",
        "-p udp -m udp ! --dport $P",
        "-p udp -m udp --sport $P:$Q",
        "-p udp -m udp --dport :$P",
        "-p udp -m udp --dport $P:",
        "-p tcp -m tcp --dport $P",
        "-p tcp -m tcp ! --sport $P:$Q",
        "-p tcp -m tcp --syn",
        "-p tcp -m tcp ! --syn",
        "-p tcp -m tcp --tcp-flags SYN,ACK,FIN,RST SYN",
        "-p tcp -m tcp --tcp-flags ALL NONE",
        "-p tcp -m tcp ! --tcp-flags ACK ACK",
        "-p tcp -m tcp --tcp-option 2",
        "-p udp -m multiport --dports 53,$P,60000:61000",
        "-p tcp -m multiport --ports $P,$Q",
        "-p udp -m multiport ! --sports $P,7",
        "-p udp -m udp --dport domain",
        "-p tcp -m multiport --dports ssh,http",
        "-m conntrack --ctstate NEW",
        "-m conntrack --ctstate RELATED,ESTABLISHED",
        "-m conntrack ! --ctstate NEW",
        "-m conntrack --ctstate INVALID",
        "-m conntrack --ctstate UNTRACKED",
        "-m conntrack --ctstate DNAT",
        "-m conntrack ! --ctstate SNAT,DNAT",
        "-m conntrack --ctstatus NONE",
        "-m conntrack --ctstatus SEEN_REPLY",
        "-m conntrack --ctstatus ASSURED,EXPECTED",
        "-m conntrack --ctorigsrc $A",
        "-m conntrack --ctdir REPLY",
        "-m conntrack --ctproto 17",
        "-m conntrack ! --ctrepldstport $P",
        "-m conntrack --ctexpire 1:10000",
        "-m state --state NEW,RELATED",
        "-m state ! --state ESTABLISHED",
        "-m mark --mark 0x1",
        "-m mark ! --mark 0/0x3",
        "-m mark --mark 2/2",
        "-m connmark --mark 0x1/0xff",
        "-m connmark ! --mark 0",
        "-m iprange --src-range $A-$A9",
        "-m iprange ! --dst-range $B-$B9",
        "-m addrtype --dst-type LOCAL",
        "-m addrtype --dst-type UNICAST",
        "-m addrtype ! --src-type LOCAL",
        "-m addrtype --dst-type MULTICAST,BROADCAST",
        "-m addrtype --dst-type LOCAL --limit-iface-in",
        "-m pkttype --pkt-type unicast",
        "-m pkttype --pkt-type multicast",
        "-m limit --limit 1000/sec",
        "-m limit --limit 3/min --limit-burst 1",
        "-m statistic --mode random --probability 0.5",
        "-m statistic --mode nth --every 2",
        "-m length --length 20:200",
        "-m length ! --length 1000",
        "-m ttl --ttl-lt 200",
        "-m hl --hl-gt 3",
        "-m comment --comment \"a \\\" -j DROP\" -p udp",
        "-m string --string \"-j\" --algo bm",
        "-m string ! --hex-string \"|2d6a|\" --algo kmp",
        "-m set --match-set amvA src",
        "-m set --match-set amvA dst",
        "-m set ! --match-set amvA src",
        "-m set --match-set amvN src,dst",
        "-m set --match-set amvP dst,dst",
        "-m set --match-set amvL src",
        "-m set --match-set amvX dst --return-nomatch",
        "-m recent --name amv --set",
        "-m recent --name amv --rcheck",
        "-m hashlimit --hashlimit-upto 100/sec --hashlimit-mode srcip --hashlimit-name amv",
        "-m dscp --dscp 0",
        "-m tos --tos 0/0xff",
        "-m time --timestart 00:00 --timestop 23:59",
        "-m connbytes --connbytes 1: --connbytes-dir both --connbytes-mode packets",
        "-m connlimit --connlimit-above 5",
        "-m helper --helper ftp",
        "-m policy --dir in --pol none",
        "-m quota --quota 100000",
        "-m cpu --cpu 0",
        "-m devgroup --src-group 0",
        "-m realm --realm 0",
        "-m u32 --u32 \"6&0xFF=17\"",
        "-m ecn --ecn-ip-ect 0",
        "-m mac ! --mac-source 02:00:00:00:00:01",
        "-m rpfilter",
        "-m rpfilter --invert",
        "-m rpfilter --loose",
        "-m socket",
        "-m connlabel --label 1",
        "-m cluster --cluster-total-nodes 2 --cluster-local-node 1",
        "-m tcpmss --mss 1:65535 -p tcp",
        "-m physdev --physdev-in x",
        "-m osf --genre Linux -p tcp",
        "-f",
        "! -f",
        "-m bpf --bytecode \"1,6 0 0 1\"",
        "-m ipv6header --header frag",
        "-m rt --rt-type 0",
        "-m frag --fragmore",
        "-m hbh",
        "-p ipv6-icmp -m icmp6 --icmpv6-type 128",
        "-m cgroup --cgroup 0",
        ""
    };
    private static final String[] OUTGOING = {"-o b0", "-o a0", "! -o docker0", "-o docker0", "-o b+", "-o lo"};
    private static final String[] TARGETS = {
        "ACCEPT",
        "DROP",
        "RETURN",
        "REJECT",
        "ACCEPT",
        "RETURN",
        "MARK --set-mark 1",
        "MARK --set-xmark 0x2/0x3",
        "MARK --or-mark 4",
        "MARK --and-mark 0xfffffffe",
        "MARK --xor-mark 1",
        "CONNMARK --set-mark 1",
        "CONNMARK --save-mark",
        "CONNMARK --restore-mark",
        "CONNMARK --save-mark --nfmask 1 --ctmask 1",
        "CONNMARK --restore-mark --nfmask 0x3 --ctmask 0x3",
        "CONNMARK --set-xmark 0x10/0xf0",
        "LOG --log-prefix \"-j x\"",
        "LOG --log-prefix \"[UFW BLOCK] \"",
        "NFLOG --nflog-group 3",
        "TRACE",
        "CT --notrack",
        "NOTRACK",
        "CT --zone 0",
        "TTL --ttl-inc 1",
        "HL --hl-inc 1",
        "DSCP --set-dscp 1",
        "TOS --set-tos 0x10",
        "CLASSIFY --set-class 1:1",
        "CHECKSUM --checksum-fill",
        "SET --add-set amvX src",
        "AUDIT --type accept",
        "RATEEST --rateest-name r1" + " --rateest-interval 250ms --rateest-ewma 0.5s",
        "TCPMSS --clamp-mss-to-pmtu",
        "IDLETIMER --timeout 60" + " --label amv",
        "HMARK --hmark-tuple src --hmark-mod 3",
        "CONNSECMARK --save",
        "LED --led-trigger-id amv"
    };
    private static final String[] QUEUES = {
        "NFQUEUE --queue-num 10 --queue-bypass", "NFQUEUE --queue-balance 11:14 --queue-bypass",
        "NFQUEUE --queue-num 99 --queue-bypass", "NFQUEUE --queue-balance 11:14 --queue-bypass --queue-cpu-fanout"
    };
    private static final String[] NAT = {
        "ACCEPT",
        "RETURN",
        "DNAT --to-destination $B",
        "REDIRECT --to-ports 7",
        "LOG",
        "MARK --set-mark 1",
        "NETMAP --to $BNET"
    };
    private static final Map<String, List<String>> TABLES = new LinkedHashMap<>();

    static {
        TABLES.put("raw", List.of("PREROUTING"));
        TABLES.put("mangle", List.of("PREROUTING", "POSTROUTING", "FORWARD"));
        TABLES.put("nat", List.of("PREROUTING"));
        TABLES.put("filter", List.of("FORWARD"));
        TABLES.put("security", List.of("FORWARD"));
    }

    private final Random random;
    private final boolean ipv4;
    private final Set<String> refused = new TreeSet<>();
    private final List<String> lines = new ArrayList<>();
    private final List<List<String>> templates = new ArrayList<>();

    RandomIptables(final Random random, final boolean ipv4) {
        this.random = random;
        this.ipv4 = ipv4;
    }

    /** Sets that the rules name, for {@code ipset restore}. */
    static String sets() {
        return """
                create amvA hash:ip
                create amvN hash:net,net comment
                create amvP hash:ip,port
                create amvX hash:net timeout 600
                create amvL list:set
                add amvA 192.0.2.10
                add amvA 198.51.100.8
                add amvN 192.0.2.0/24,198.51.100.0/25 comment "a b"
                add amvP 198.51.100.7,udp:10080
                add amvP 198.51.100.8,tcp:20001
                add amvX 198.51.100.0/24
                add amvX 198.51.100.8/32 nomatch
                add amvL amvA
                """;
    }

    /** Each condition and each target in a rule of its own, for {@link #refuse}. */
    String each() {
        lines.clear();
        templates.clear();
        TABLES.forEach((table, chains) -> {
            add("*" + table);
            chains.forEach(chain -> add(":" + chain + " ACCEPT"));
            add(":C1 -");
            for (final String chain : List.of(chains.get(chains.size() - 1), "C1")) {
                final String rule = "-A " + chain + " ";
                for (final String condition : CONDITIONS) {
                    add(filled(rule + condition), key(table, condition));
                }
                for (final String[] targets : List.of(TARGETS, QUEUES, NAT)) {
                    for (final String target : targets) {
                        add(filled(rule + "-j " + target), key(table, target));
                    }
                }
            }
            add("COMMIT");
        });
        return String.join("\n", lines) + "\n";
    }

    /** Another rule set. */
    String make() {
        lines.clear();
        templates.clear();
        for (final Map.Entry<String, List<String>> table : TABLES.entrySet()) {
            if (!table.getKey().equals("filter") && random.nextInt(3) > 0) {
                continue;
            }
            add("*" + table.getKey());
            for (final String chain : table.getValue()) {
                final boolean drop = !table.getKey().equals("nat") && random.nextInt(6) == 0;
                add(":" + chain + (drop ? " DROP" : " ACCEPT"));
            }
            // A chain is called only by those before it: no circles.
            final List<String> own = List.of("C1", "C2", "C3");
            own.forEach(chain -> add(":" + chain + " -"));
            for (final String chain : table.getValue()) {
                rules(table.getKey(), chain, own);
            }
            for (int i = 0; i < own.size(); i++) {
                rules(table.getKey(), own.get(i), own.subList(i + 1, own.size()));
            }
            add("COMMIT");
        }
        return String.join("\n", lines) + "\n";
    }

    /** The tool does not take that line, counted from 1: its templates are not used again. */
    void refuse(final int line) {
        final List<String> of = templates.get(line - 1);
        if (of.isEmpty()) {
            throw new IllegalStateException("refused: " + lines.get(line - 1));
        }
        refused.addAll(of);
    }

    /** Templates that are not used. */
    Set<String> refused() {
        return refused;
    }

    private void add(final String line, final String... of) {
        lines.add(line);
        templates.add(List.of(of));
    }

    private void rules(final String table, final String chain, final List<String> callable) {
        final int count = 1 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            final List<String> used = new ArrayList<>();
            final StringBuilder rule = new StringBuilder("-A ").append(chain);
            final int conditions = random.nextInt(3);
            for (int j = 0; j < conditions; j++) {
                final boolean out = random.nextInt(12) == 0 && (chain.equals("FORWARD") || chain.equals("POSTROUTING"));
                final String condition = pick(out ? OUTGOING : CONDITIONS, table);
                // One protocol and one interface per rule.
                if (!condition.isEmpty() && used.stream().noneMatch(other -> clash(other, condition))) {
                    used.add(key(table, condition));
                    rule.append(' ').append(condition);
                }
            }
            if (random.nextInt(4) == 0 && !callable.isEmpty()) {
                rule.append(random.nextInt(4) == 0 ? " -g " : " -j ")
                        .append(callable.get(random.nextInt(callable.size())));
            } else if (random.nextInt(8) > 0) {
                final boolean queue = random.nextInt(3) == 0 && !table.equals("nat");
                final String target = pick(table.equals("nat") ? NAT : queue ? QUEUES : TARGETS, table);
                used.add(key(table, target));
                if (queue && !rule.toString().contains("-p ")) {
                    rule.append(random.nextBoolean() ? " -p udp" : " -p tcp");
                }
                rule.append(" -j ").append(target);
            }
            add(filled(rule.toString()), used.toArray(String[]::new));
        }
    }

    private static boolean clash(final String used, final String condition) {
        for (final String option :
                List.of("-p ", "-s ", "-d ", "-i ", "-o ", "-f", "--match-set", "-m mark", "-m connmark")) {
            if (used.contains(option) && condition.contains(option)) {
                return true;
            }
        }
        return false;
    }

    private static String key(final String table, final String template) {
        return table + " " + template;
    }

    private String pick(final String[] from, final String table) {
        for (int i = 0; i < 100; i++) {
            final String one = from[random.nextInt(from.length)];
            if (!refused.contains(key(table, one))) {
                return one;
            }
        }
        return "";
    }

    private String filled(final String rule) {
        final int port = RandomRulesInNamespace.PORTS[random.nextInt(RandomRulesInNamespace.PORTS.length)];
        return rule.replace("$A9", ipv4 ? "192.0.2.20" : "2001:db8::20")
                .replace("$B9", ipv4 ? "198.51.100.7" : "2001:db8:1::7")
                .replace("$ANET", ipv4 ? "192.0.2.0/28" : "2001:db8::/64")
                .replace("$BNET", ipv4 ? "198.51.100.0/24" : "2001:db8:1::/64")
                .replace("$A", ipv4 ? "192.0.2.10" : "2001:db8::10")
                .replace("$B", ipv4 ? "198.51.100.7" : "2001:db8:1::7")
                .replace("$MASK", ipv4 ? "192.0.0.10/255.0.0.255" : "2001::10/ffff::ff")
                .replace("$MULTICAST", ipv4 ? "224.0.0.251" : "ff02::fb")
                .replace("$P", Integer.toString(port))
                .replace("$Q", Integer.toString(port + random.nextInt(20_000)));
    }
}
