package org.amverdict.firewall;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** Random rules for {@code nft -f} over the grammar of nft(8), like {@link RandomIptables}. */
final class RandomNft {
    private static final String[] CONDITIONS = {
        "ip saddr 192.0.2.10",
        "ip saddr != 192.0.2.10",
        "ip daddr 198.51.100.0/24",
        "ip saddr 192.0.2.5-192.0.2.20",
        "ip daddr != { 198.51.100.7, 198.51.100.9-198.51.100.20 }",
        "ip saddr & 255.0.0.255 == 192.0.0.10",
        "ip daddr 224.0.0.251",
        "ip6 saddr 2001:db8::10",
        "ip6 daddr != 2001:db8:1::7",
        "ip6 saddr ::ffff:0.0.0.0/96",
        "ip6 daddr { 2001:db8:1::/64, ff02::/16 }",
        "ip6 nexthdr udp",
        "ip protocol tcp",
        "ip protocol != { tcp, icmp }",
        "meta l4proto udp",
        "meta l4proto != tcp",
        "meta l4proto { tcp, udp }",
        "meta l4proto 17",
        "meta nfproto ipv4",
        "meta nfproto ipv6",
        "meta protocol ip",
        "udp dport 10080",
        "udp dport != 10080",
        "udp dport { 53, 10000-10100 }",
        "udp sport 850",
        "tcp dport 20001",
        "tcp dport != 20001",
        "tcp sport 1024-65535",
        "th dport 10080",
        "th sport { 850, 45000 }",
        "udp dport @ports",
        "tcp dport != @ports",
        "ip saddr @hosts",
        "ip saddr != @hosts",
        "ip saddr @timed",
        "ip daddr @nets",
        "ip saddr . udp dport @pairs",
        "ip saddr . ip daddr { 192.0.2.10 . 198.51.100.7 }",
        "ip saddr . tcp dport @pairs",
        "ip saddr . udp dport { 192.0.2.10 . 10000-10100 }",
        "ip saddr @filled",
        "tcp flags syn",
        "tcp flags == syn",
        "tcp flags & (fin|syn|rst|ack) == syn",
        "tcp flags != syn",
        "tcp flags & (syn|ack) != 0",
        "tcp flags { syn, ack }",
        "tcp flags syn / fin,syn,rst,ack",
        "ct state new",
        "ct state { established, related }",
        "ct state established,related",
        "ct state != new",
        "ct state invalid",
        "ct state untracked",
        "ct status dnat",
        "ct status & dnat == 0",
        "ct status != snat",
        "ct status seen-reply",
        "ct direction original",
        "ct mark 0",
        "ct mark & 1 == 1",
        "ct mark != 0",
        "meta mark 1",
        "meta mark & 0x3 != 0",
        "meta mark 0-3",
        "meta mark { 0, 2 }",
        "mark & 4 == 0",
        "iifname \"a0\"",
        "iifname \"a*\"",
        "iifname != { \"docker0\", \"b0\" }",
        "iif a0",
        "iif != b0",
        "iif lo",
        "oifname \"b0\"",
        "oifname != \"docker0\"",
        "iifname @names",
        "iifname . oifname { \"a0\" . \"b0\" }",
        "meta pkttype host",
        "meta pkttype multicast",
        "fib daddr type local",
        "fib saddr type unicast",
        "fib saddr . iif oif missing",
        "fib saddr . iif oif exists",
        "fib daddr . iif type local",
        "fib daddr oif b0",
        "exthdr frag exists",
        "exthdr rt missing",
        "rt type 0",
        "hbh nexthdr 1",
        "tcp option maxseg exists",
        "tcp option mss size > 500",
        "meta length > 100",
        "meta length < 1500",
        "limit rate 1000/second",
        "limit rate over 1/hour",
        "quota 100 mbytes",
        "quota over 1 bytes",
        "ct count over 100",
        "ct helper \"ftp\"",
        "numgen random mod 2 0",
        "numgen inc mod 2 1",
        "jhash ip saddr mod 2 0",
        "symhash mod 2 0",
        "meta cpu 0",
        "meta hour \"00:00\"-\"23:59\"",
        "meta day \"Monday\"",
        "meta time > \"2020-01-01\"",
        "meta skuid 0",
        "meta cgroup 0",
        "meta iifgroup 0",
        "meta iiftype ether",
        "meta iifkind \"veth\"",
        "meta rtclassid 0",
        "meta random < 100",
        "meta priority 0",
        "@th,16,16 10080",
        "@nh,96,8 0xc0",
        "@ll,0,8 2",
        "ether saddr 02:00:00:00:00:01",
        "ip ttl < 200",
        "ip6 hoplimit > 3",
        "ip dscp cs0",
        "ip length > 20",
        "ip frag-off & 0x1fff != 0",
        "ip version 4",
        "udp length > 8",
        "icmp type echo-request",
        "icmpv6 type nd-neighbor-solicit",
        "sctp dport 1",
        "dccp sport 1",
        "ah spi 1",
        "rt nexthop 192.0.2.1",
        "rt mtu > 100",
        "socket mark 1",
        "socket transparent 1",
        "osf name \"Linux\"",
        "meta ipsec exists",
        "ipsec in reqid 1",
        "ct original ip saddr 192.0.2.10",
        "ct reply proto-src 10080",
        "ct original protocol udp",
        "ct expiration > 1s",
        "ct bytes > 0",
        "ct packets < 100",
        "ct avgpkt > 1",
        "ct zone 0",
        "ct label \"x\"",
        "ct id 7",
        "ct original bytes > 0",
        "ct l3proto ipv4",
        "add @filled { ip saddr }",
        "update @timed { ip saddr timeout 60s }",
        "add @filled { ip saddr limit rate 10/second }",
        "counter",
        "log prefix \"drop { accept }\"",
        "log group 3",
        "counter log",
        "meta nftrace set 0",
        "meta priority set 1:1",
        "meta mark set 1",
        "meta mark set meta mark | 2",
        "meta mark set meta mark & 0xfffffffd",
        "meta mark set meta mark ^ 1",
        "meta mark set ct mark",
        "ct mark set meta mark",
        "ct mark set 3",
        "ct mark set ct mark & 1 | 4",
        "meta mark set numgen inc mod 3",
        "meta mark set ip saddr map { 192.0.2.10 : 1 }",
        "ip dscp set cs1",
        "tcp option maxseg size set rt mtu",
        "notrack",
        "meta mark set @th,0,16",
        "ip ttl set 63",
        "counter name \"c1\"",
        "quota name \"q1\"",
        "limit name \"l1\"",
        "udp checksum != 7",
        ""
    };
    private static final String[] ENDS = {
        "accept",
        "drop",
        "return",
        "reject",
        "continue",
        "accept",
        "return",
        "drop",
        "reject with icmpx admin-prohibited",
        "ct state vmap { established : accept, invalid : drop, new : continue }",
        "udp dport vmap @verdicts",
        "iifname vmap { \"a0\" : jump $C, \"docker*\" : drop }",
        "iifname . oifname vmap @zones",
        "meta l4proto vmap { tcp : goto $C, udp : jump $C }",
        "ip saddr vmap { 192.0.2.0/24 : jump $C, 0.0.0.0/0 : drop }",
        "tcp dport vmap { 22 : accept, 20000-20010 : drop }",
        "ip daddr . udp dport vmap" + " { 198.51.100.7 . 10080 : accept }",
        "meta mark vmap { 0 : jump $C, 1 : drop }",
        "numgen inc mod 2 vmap { 0 : accept, 1 : drop }",
        "ip saddr vmap @byhost",
        "jump $C",
        "jump $C",
        "goto $C",
        "",
        "synproxy mss 1460",
        "queue num 0 bypass",
        "dup to 192.0.2.99 device \"a0\""
    };
    private static final String HEAD = """
            set ports { type inet_service; flags interval; elements = { 53, 10000-10090 } }
            set hosts { type ipv4_addr; elements = { 192.0.2.10 comment "x y", 192.0.2.77 } }
            set nets { type ipv4_addr; flags interval; counter; elements = { 198.51.100.0/25, 203.0.113.0-203.0.113.9 } }
            set timed { type ipv4_addr; flags timeout; elements = { 192.0.2.10 timeout 1h } }
            set pairs { type ipv4_addr . inet_service; flags interval; elements = { 192.0.2.0/24 . 10080, 192.0.2.11 . 1-30000 } }
            set filled { type ipv4_addr; flags dynamic; size 100; }
            set names { type ifname; elements = { "a0", "lo" } }
            map verdicts { type inet_service : verdict; flags interval; elements = { 10080 comment "c" : accept, 20000-30000 : drop } }
            map zones { type ifname . ifname : verdict; elements = { "a0" . "b0" : jump c2, "b0" . "a0" : accept } }
            map byhost { type ipv4_addr : verdict; flags timeout; elements = { 192.0.2.10 timeout 1h : accept } }
            counter c1 { }
            quota q1 { over 100 mbytes }
            limit l1 { rate 1000/second }
            """;
    private static final String[] HOOKS = {
        "prerouting priority raw",
        "prerouting priority mangle",
        "forward priority -10",
        "forward priority 10",
        "forward priority 0",
        "postrouting priority mangle",
        "forward priority filter + 5"
    };

    private final Random random;
    private final Set<String> refused = new TreeSet<>();
    private final List<String> lines = new ArrayList<>();
    private final List<List<String>> templates = new ArrayList<>();

    RandomNft(final Random random) {
        this.random = random;
    }

    /** Each condition and each end in a rule of its own, for {@link #refuse}. */
    String each() {
        begin();
        add("chain c2 {");
        add("}");
        add("chain base {");
        add("type filter hook forward priority 0;");
        for (final String[] from : List.of(CONDITIONS, ENDS)) {
            for (final String one : from) {
                if (!one.isEmpty()) {
                    add(one.replace("$C", "c2"), one);
                }
            }
        }
        add("}");
        add("}");
        return String.join("\n", lines) + "\n";
    }

    private void begin() {
        lines.clear();
        templates.clear();
        add("table inet amv");
        add("delete table inet amv");
        add("table inet amv {");
        HEAD.lines().forEach(this::add);
    }

    /** Another rule set. */
    String make() {
        begin();
        chain("c3", List.of());
        chain("c2", List.of("c3"));
        chain("c1", List.of("c2", "c3"));
        for (int i = 0; i < 1 + random.nextInt(3); i++) {
            add("chain base" + i + " {");
            add("type filter hook " + HOOKS[random.nextInt(HOOKS.length)] + "; policy "
                    + (random.nextInt(6) == 0 ? "drop" : "accept") + ";");
            rules(List.of("c1", "c2", "c3"));
            add("}");
        }
        add("}");
        return String.join("\n", lines) + "\n";
    }

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

    private void chain(final String name, final List<String> callable) {
        add("chain " + name + " {");
        rules(callable);
        add("}");
    }

    private void rules(final List<String> callable) {
        final int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            final List<String> used = new ArrayList<>();
            final StringBuilder rule = new StringBuilder();
            final int conditions = random.nextInt(3);
            for (int j = 0; j < conditions; j++) {
                final String condition = pick(CONDITIONS);
                if (!condition.isEmpty()) {
                    used.add(condition);
                    rule.append(condition).append(' ');
                }
            }
            final String end = pick(ENDS);
            if (!end.contains("$C") || !callable.isEmpty()) {
                used.add(end);
                rule.append(
                        callable.isEmpty() ? end : end.replace("$C", callable.get(random.nextInt(callable.size()))));
            }
            if (rule.toString().isBlank() || (rule.indexOf("@zones") >= 0 && !callable.contains("c2"))) {
                continue;
            }
            add(rule.toString(), used.toArray(String[]::new));
        }
    }

    private String pick(final String[] from) {
        for (int i = 0; i < 100; i++) {
            final String one = from[random.nextInt(from.length)];
            if (!refused.contains(one)) {
                return one;
            }
        }
        return "";
    }
}
