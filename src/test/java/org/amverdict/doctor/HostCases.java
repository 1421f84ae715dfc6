package org.amverdict.doctor;

import java.util.List;
import org.amverdict.rules.RuleOptions.Placement;

/** Hosts that are broken, and hosts that are sound, as administrators have them. */
final class HostCases {
    private HostCases() {}

    private static HostCase router(final String name) {
        return HostCase.named(name);
    }

    private static final String EVERY_CLIENT = "198.51.100.0/24";

    /** Something is wrong; each kind has two cases at least. */
    static List<HostCase> broken() {
        return List.of(
                // What is not read must not count as absent.
                router("named verdict map accepts the reply").then("""
                        nft 'add table inet z; add map inet z services { type inet_service : verdict; elements = { 10080 : accept, 22 : accept }; }'
                        nft 'add chain inet z f { type filter hook forward priority 10; policy drop; }'
                        nft 'add rule inet z f udp sport vmap @services'""").fault("rule-order"),
                router("zone map of interfaces drops").then("""
                        nft 'add table inet z; add chain inet z none; add rule inet z none drop'
                        nft 'add chain inet z f { type filter hook forward priority 10; }'
                        nft 'add rule inet z f iifname vmap { "server" : jump none, "stranger" : accept }'""").fault("rule-order"),
                router("set whose elements have comments and counters")
                        .then("""
                        nft 'add table ip s; add set ip s clients { type ipv4_addr; flags interval; counter; }'
                        nft 'add element ip s clients { 198.51.100.0/25 comment "first floor" }'
                        nft 'add chain ip s f { type filter hook forward priority 10; }'
                        nft 'add rule ip s f ip daddr @clients udp dport 10080 drop'""")
                        .fault("rule-order"),
                router("route chain on the server")
                        .on("server", "server")
                        .then("""
                        nft 'add table inet r; add chain inet r out { type route hook output priority 10; }'
                        nft 'add rule inet r out udp dport 10080 drop'""")
                        .fault("rule-order"),
                router("firewalld's accept hides its reject").then("""
                        nft 'add table inet firewalld; add chain inet firewalld f { type filter hook forward priority 10; policy accept; }'
                        nft 'add rule inet firewalld f ct state { established, related } accept'
                        nft 'add rule inet firewalld f ct status dnat accept'
                        nft 'add rule inet firewalld f reject with icmpx admin-prohibited'""").fault("rule-order"),
                router("a limit hides a drop").then("""
                        iptables -t mangle -A FORWARD -m limit --limit 5/sec -j RETURN
                        iptables -t mangle -A FORWARD -p udp -j DROP""").warning("rule-order"),
                router("legacy iptables drops what the other one accepts")
                        .then("iptables-legacy -A FORWARD -p udp --dport 10080 -j DROP")
                        .fault("rule-order"),
                // Rules of others before ours.
                router("established is accepted before the queue")
                        .then("iptables -I FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT")
                        .fault("rule-order"),
                router("RH-Firewall-1 came first").then("""
                        iptables -N RH-Firewall-1-INPUT
                        iptables -I FORWARD -j RH-Firewall-1-INPUT
                        iptables -A RH-Firewall-1-INPUT -d 224.0.0.251/32 -p udp --dport 5353 -j ACCEPT
                        iptables -A RH-Firewall-1-INPUT -m state --state ESTABLISHED,RELATED -j ACCEPT
                        iptables -A RH-Firewall-1-INPUT -j REJECT --reject-with icmp-host-prohibited""").fault("rule-order"),
                router("another table drops afterwards")
                        .then(
                                "nft 'add table inet o; add chain inet o f { type filter hook forward priority 5; policy drop; }'")
                        .fault("rule-order"),
                // Marks of others, and a site that refuses nothing.
                router("Docker swarm's mark, as a whole word of the connection")
                        .then("iptables -t mangle -A PREROUTING -m connmark --mark 0x1 -j ACCEPT")
                        .warning("mark-bits"),
                router("a tunnel's mark with our bit")
                        .with("continue-mark: 0x10000")
                        .then("iptables -t mangle -A POSTROUTING -o stranger -j MARK --set-xmark 0x40000/0xff0000")
                        .warning("mark-bits"),
                router("policy routing by our bit")
                        .with("continue-mark: 0x10000")
                        .then("ip rule add fwmark 0x10000/0x10000 lookup 100")
                        .warning("mark-bits"),
                router("nft tests our bit")
                        .with("continue-mark: 0x10000")
                        .then("""
                        nft 'add table inet q; add chain inet q f { type filter hook forward priority -20; }'
                        nft 'add rule inet q f meta mark and 0xff0000 == 0x20000 drop'""")
                        .warning("mark-bits"),
                router("the route of a connection is chosen by its whole mark")
                        .then("""
                        iptables -t mangle -A PREROUTING -j CONNMARK --restore-mark
                        ip rule add fwmark 1 lookup 100""")
                        .warning("mark-bits"),
                router("the whole mark is saved after our rules")
                        .then("iptables -t mangle -A POSTROUTING -j CONNMARK --save-mark")
                        .warning("mark-bits"),
                router("policy ACCEPT behind our rules")
                        .then("iptables -P FORWARD ACCEPT")
                        .warning("enforcement"),
                router("a wide range of the site for the old Amanda")
                        .then("iptables -A FORWARD -p tcp --dport 10000:60000 -j ACCEPT")
                        .warning("enforcement"),
                router("a wide static range")
                        .with("static: [{from: [192.0.2.10], to: [198.51.100.20], tcp: 20000-40000}]")
                        .warning("enforcement"),
                // Places and pairs.
                router("the firewall is a client")
                        .allow("192.0.2.10", "198.51.100.20, 198.51.100.1")
                        .then("iptables -P INPUT DROP")
                        .fault("rules"),
                router("the firewall is the server")
                        .allow("192.0.2.1", "198.51.100.20")
                        .then("iptables -P INPUT DROP")
                        .fault("rules"),
                router("the firewall's own address is in a range of clients")
                        .allow("192.0.2.10", EVERY_CLIENT)
                        .then("iptables -P INPUT DROP")
                        .warning("rules"),
                router("half of the clients are queued")
                        .allow("192.0.2.10", EVERY_CLIENT)
                        .rules("")
                        .then("""
                        iptables -A FORWARD -s 192.0.2.10 -d 198.51.100.0/25 -p udp --dport 10080 -j NFQUEUE --queue-num 0
                        iptables -A FORWARD -d 192.0.2.10 -s 198.51.100.0/25 -p udp --sport 10080 -j NFQUEUE --queue-num 0
                        iptables -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT
                        iptables -A FORWARD -s 192.0.2.10 -d 198.51.100.0/25 -p tcp -j NFQUEUE --queue-num 1""")
                        .fault("rules"),
                router("the second server is not queued")
                        .allow("192.0.2.10, 192.0.2.11", "198.51.100.20")
                        .rules("")
                        .then("""
                        iptables -A FORWARD -s 192.0.2.10 -p udp --dport 10080 -j NFQUEUE --queue-num 0
                        iptables -A FORWARD -d 192.0.2.10 -p udp --sport 10080 -j NFQUEUE --queue-num 0
                        iptables -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT
                        iptables -A FORWARD -s 192.0.2.10 -p tcp -j NFQUEUE --queue-num 1""")
                        .fault("rules"),
                router("high ports are not queued")
                        .allow("192.0.2.10", "198.51.100.20")
                        .rules("")
                        .then("""
                        iptables -A FORWARD -p udp --dport 10080 -j NFQUEUE --queue-num 0
                        iptables -A FORWARD -p udp --sport 10080 -j NFQUEUE --queue-num 0
                        iptables -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT
                        iptables -A FORWARD -p tcp --dport 1024:40000 -j NFQUEUE --queue-num 1""")
                        .fault("rules"),
                router("one client is let in before the queue")
                        .allow("192.0.2.10", EVERY_CLIENT)
                        .then("iptables -I FORWARD -d 198.51.100.77 -j ACCEPT")
                        .fault("rule-order"),
                // The daemon.
                router("the daemon is stopped").stopped().fault("queues"),
                router("the daemon of a client is stopped")
                        .on("client", "client")
                        .stopped()
                        .fault("queues"),
                router("the daemon is stopped, with bypass")
                        .withBypass()
                        .stopped()
                        .warning("queues"),
                router("one queue has no listener").queues(0).fault("queues"),
                // Traffic that no rule sees.
                router("bridge without rules of IPv4")
                        .then(BRIDGE + "sysctl -qw net.bridge.bridge-nf-call-iptables=0")
                        .fault("bridge"),
                router("bridge without rules of IPv6")
                        .then(
                                BRIDGE
                                        + "sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=0")
                        .fault("bridge"),
                // Other users of the queues.
                router("another program's queue comes first in the chain")
                        .then("iptables -I FORWARD -j NFQUEUE --queue-num 7")
                        .fault("rules"),
                // Rules of hosts that left the configuration.
                router("rules of a client that left")
                        .then("iptables -I AMVERDICT -s 192.0.2.10 -d 198.51.100.99 -j AMVERDICT-ASK")
                        .warning("stale-rules"),
                router("rules of a network that was narrowed, IPv6")
                        .then("ip6tables -I AMVERDICT -s 2001:db8:1::10 -d 2001:db8:2::/64 -j AMVERDICT-ASK")
                        .warning("stale-rules"),
                // Routing.
                router("strict reverse path, /25 under /24").then("""
                                ip route add 198.51.100.0/25 dev stranger
                                sysctl -qw net.ipv4.conf.all.rp_filter=1""").warning("rp-filter"),
                router("strict reverse path, multipath")
                        .allow("192.0.2.10", "10.9.0.0/24")
                        .then("""
                                ip route add 10.9.0.0/24 nexthop via 198.51.100.20 dev client nexthop via 203.0.113.66 dev stranger
                                sysctl -qw net.ipv4.conf.client.rp_filter=1""")
                        .warning("rp-filter"),
                router("strict reverse path, ip rule").then("""
                                ip rule add fwmark 7 lookup 100
                                ip route add 198.51.100.0/24 dev stranger table 100
                                sysctl -qw net.ipv4.conf.client.rp_filter=1""").warning("rp-filter"),
                router("does not forward")
                        .then("sysctl -qw net.ipv4.ip_forward=0")
                        .fault("forwarding"),
                router("does not forward IPv6")
                        .then("sysctl -qw net.ipv6.conf.all.forwarding=0")
                        .fault("forwarding"),
                router("does not forward from one interface")
                        .then("sysctl -qw net.ipv4.conf.server.forwarding=0")
                        .fault("forwarding"),
                // Queues and files.
                router("datagrams go to a queue that gets headers")
                        .with("queues: [{numbers: 0, copy: headers}]")
                        .fault("whole-datagrams"),
                router("rules swap the queues")
                        .with("queues: [{numbers: 0, copy: headers}, {numbers: 1, copy: packet}]")
                        .rules("")
                        .then("""
                                iptables -A FORWARD -p udp --dport 10080 -j NFQUEUE --queue-num 0
                                iptables -A FORWARD -p udp --sport 10080 -j NFQUEUE --queue-num 0
                                iptables -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT
                                iptables -A FORWARD -p tcp -j NFQUEUE --queue-num 1""")
                        .fault("whole-datagrams"),
                router("no folder for the events")
                        .with("events: {file: /nonexistent/events.json}")
                        .warning("written-files"),
                router("a folder in place of the events")
                        .with("events: {file: /tmp}")
                        .warning("written-files"));
    }

    private static final String BRIDGE = """
            for i in server client; do ip addr flush dev $i; done
            ip link add br0 type bridge; ip link set br0 up
            for i in server client; do ip link set $i master br0; done
            """;

    /** Nothing is wrong, whatever else is there. */
    static List<HostCase> sound() {
        return List.of(
                router("gate")
                        .then("iptables -A FORWARD -p tcp --dport 8080 -j ACCEPT")
                        .expect("rule-order", Status.OK)
                        .expect("mark-bits", Status.OK)
                        .expect("enforcement", Status.OK),
                router("marks of others that are not ours").then("""
                        iptables -t mangle -A PREROUTING -m mark --mark 0x80000/0xff0000 -j RETURN
                        iptables -t mangle -A POSTROUTING -j MARK --set-xmark 0x4000/0x4000
                        ip rule add fwmark 0x40000/0xff0000 lookup 100""").expect("mark-bits", Status.OK),
                router("whole marks go to the packet and back").then("""
                        iptables -t mangle -A PREROUTING -j CONNMARK --restore-mark
                        iptables -t mangle -A PREROUTING -i stranger -j MARK --set-mark 1/0xff
                        iptables -t mangle -A PREROUTING -j CONNMARK --save-mark
                        ip rule add fwmark 1/0xff lookup 100""").expect("mark-bits", Status.OK),
                router("the control port is not tracked").then("""
                        iptables -t raw -A PREROUTING -p udp --dport 10080 -j CT --notrack
                        iptables -t raw -A PREROUTING -p udp --sport 10080 -j CT --notrack""").expect("rule-order", Status.OK),
                router("nothing is tracked")
                        .then("for p in udp tcp; do iptables -t raw -A PREROUTING -p $p -j CT --notrack; done")
                        .expect("rule-order", Status.WARNING),
                router("policy ACCEPT, other traffic dropped")
                        .with("other-traffic: drop")
                        .then("iptables -P FORWARD ACCEPT")
                        .expect("enforcement", Status.OK),
                router("inline").placement(Placement.INLINE).then("""
                        for t in iptables ip6tables; do $t -t raw -A PREROUTING -m conntrack --ctstate INVALID -j RETURN; done"""),
                router("offload")
                        .placement(Placement.OFFLOAD)
                        .with("marks: {data: 0x10, mesg: 0x11, index: 0x12, mask: 0xff}"),
                router("client").on("client", "client"),
                router("server").on("server", "server"),
                router("everywhere")
                        .allow("192.0.2.10", EVERY_CLIENT)
                        .rules("everywhere")
                        .then("iptables -P INPUT DROP; iptables -P OUTPUT DROP")
                        .expect("rules", Status.OK),
                router("ufw on a client").on("client", "client").then("""
                        iptables -N ufw-before-input; iptables -N ufw-user-input; iptables -N ufw-not-local
                        iptables -A INPUT -j ufw-before-input
                        iptables -A ufw-before-input -i lo -j ACCEPT
                        iptables -A ufw-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
                        iptables -A ufw-before-input -m conntrack --ctstate INVALID -j DROP
                        iptables -A ufw-before-input -p icmp -m icmp --icmp-type 8 -j ACCEPT
                        iptables -A ufw-before-input -p udp --sport 67 --dport 68 -j ACCEPT
                        iptables -A ufw-before-input -j ufw-not-local
                        iptables -A ufw-not-local -m addrtype --dst-type LOCAL -j RETURN
                        iptables -A ufw-not-local -m addrtype --dst-type MULTICAST -j RETURN
                        iptables -A ufw-not-local -m limit --limit 3/min --limit-burst 10 -j LOG --log-prefix "[UFW BLOCK] "
                        iptables -A ufw-not-local -j DROP
                        iptables -A ufw-before-input -d 224.0.0.251/32 -p udp --dport 5353 -j ACCEPT
                        iptables -A ufw-before-input -d 239.255.255.250/32 -p udp --dport 1900 -j ACCEPT
                        iptables -A ufw-before-input -j ufw-user-input
                        iptables -A ufw-user-input -p tcp --dport 22 -j ACCEPT"""),
                router("firewalld that knows our mark of no use here, on other zones")
                        .then("""
                        nft 'add table inet firewalld; add chain inet firewalld f { type filter hook forward priority 10; policy accept; }'
                        nft 'add rule inet firewalld f ct state { established, related } accept'
                        nft 'add rule inet firewalld f ct status dnat accept'
                        nft 'add rule inet firewalld f iifname "lo" accept'
                        nft 'add rule inet firewalld f ct state invalid drop'
                        nft 'add rule inet firewalld f iifname "stranger" reject with icmpx admin-prohibited'"""),
                router("Docker for its own interfaces, first")
                        .then("""
                        ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up
                        for i in 1 2; do ip link add vh$i type veth peer name vc$i; ip link set vh$i master docker0; ip link set vh$i up; done
                        iptables -N DOCKER-USER; iptables -N DOCKER-FORWARD; iptables -N DOCKER
                        iptables -I FORWARD -j DOCKER-FORWARD; iptables -I FORWARD -j DOCKER-USER
                        iptables -A DOCKER-FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
                        iptables -A DOCKER-FORWARD -o docker0 -j DOCKER
                        iptables -A DOCKER-FORWARD -i docker0 -j ACCEPT
                        iptables -A DOCKER ! -i docker0 -o docker0 -j DROP
                        iptables -t nat -N DOCKER; iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
                        iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE""")
                        .expect("rule-order", Status.OK)
                        .expect("bridge", Status.OK),
                router("nft of the site for other ports").then("""
                        nft 'add table inet site; add set inet site admins { type ipv4_addr; elements = { 203.0.113.66 comment "office" } }'
                        nft 'add chain inet site f { type filter hook forward priority 5; }'
                        nft 'add rule inet site f tcp dport { 25, 445 } drop'
                        nft 'add rule inet site f ip saddr @admins tcp dport 22 counter accept'"""),
                router("another program's queue in another table")
                        .then("iptables -t mangle -A FORWARD -j NFQUEUE --queue-num 7 --queue-bypass")
                        .expect("rules", Status.OK),
                router("bridge that rules see")
                        .then(
                                BRIDGE
                                        + "sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1")
                        .expect("bridge", Status.OK),
                router("bridge that rules see, on a host that does not route")
                        .then(BRIDGE
                                + "sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1"
                                + " net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0")
                        .expect("forwarding", Status.OK),
                router("monitor, with bypass").with("mode: monitor").withBypass());
    }
}
