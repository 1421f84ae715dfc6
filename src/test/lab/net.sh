# shellcheck shell=bash
# The lab's network: server ---- firewall ---- client, each in its own network namespace. Sourced by "run".
#
# Debian builds Amanda without IPv6. With FAMILY 6 each host has a stateless translator (tayga; RFC 7915, used as in RFC
# 6877): Amanda speaks IPv4 to it, and its packets leave the host as IPv6 with the same ports and payload.

declare -A SPACE=([server]=amv-lab-server [firewall]=amv-lab-fw [client]=amv-lab-client)
declare -A IP4=([server]=192.0.2.10 [client]=198.51.100.10)
declare -A GATEWAY4=([server]=192.0.2.1 [client]=198.51.100.1)
declare -A IP6=([server]=2001:db8:1::10 [client]=2001:db8:2::10)
declare -A LINK6=([server]=2001:db8:1::2 [client]=2001:db8:2::2)
declare -A GATEWAY6=([server]=2001:db8:1::1 [client]=2001:db8:2::1)
# The translator's own addresses, only used in its ICMP errors.
declare -A TRANSLATOR4=([server]=192.0.2.64 [client]=198.51.100.64)
declare -A TRANSLATOR6=([server]=2001:db8:1::64 [client]=2001:db8:2::64)
CONTROL_PORT=10080
CLOSED_PORT=11055 # the policy allows it, but Amanda is configured to stay below

in_space() { ip netns exec "${SPACE[$1]}" "${@:2}"; }
in_firewall() { in_space firewall "$@"; }

network_up() {
    local host
    for host in server firewall client; do
        ip netns add "${SPACE[$host]}"
        # IPv6 stays silent where it is not used, but its neighbor discovery needs link-local addresses. Two retries of
        # a SYN: a dropped one costs 7 s.
        in_space $host sysctl -qw net.ipv6.conf.default.accept_ra=0 net.ipv6.conf.default.accept_dad=0 \
            net.ipv6.conf.default.addr_gen_mode=$((FAMILY == 4)) net.ipv4.conf.all.rp_filter=0 net.ipv4.tcp_syn_retries=2
        ip -n "${SPACE[$host]}" link set lo up
    done
    in_firewall sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
    for host in server client; do
        ip link add eth0 netns "${SPACE[$host]}" type veth peer name to-$host netns "${SPACE[firewall]}"
        plain_link "${SPACE[$host]}" eth0
        plain_link "${SPACE[firewall]}" to-$host
    done
    "addresses$FAMILY" server client
    "addresses$FAMILY" client server
}

# plain_link SPACE DEVICE: up, and packets as they are on a wire: checksums filled in, no segment above the MTU
plain_link() {
    ip netns exec "$1" ethtool -K "$2" tx off rx off tso off gso off gro off >/dev/null
    ip -n "$1" link set "$2" up
}

addresses4() { # addresses4 HOST PEER
    ip -n "${SPACE[$1]}" addr add "${IP4[$1]}/24" dev eth0
    ip -n "${SPACE[$1]}" route add default via "${GATEWAY4[$1]}"
    ip -n "${SPACE[firewall]}" addr add "${GATEWAY4[$1]}/24" dev "to-$1"
}

addresses6() { # addresses6 HOST PEER
    local space=${SPACE[$1]}
    ip -n "$space" addr add "${LINK6[$1]}/64" dev eth0 nodad
    ip -n "$space" route add default via "${GATEWAY6[$1]}"
    ip -n "${SPACE[firewall]}" addr add "${GATEWAY6[$1]}/64" dev "to-$1" nodad
    ip -n "${SPACE[firewall]}" route add "${IP6[$1]}/128" via "${LINK6[$1]}"

    in_space "$1" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
    ip -n "$space" tuntap add translate mode tun
    ip -n "$space" link set translate mtu 1480 up # an IPv6 header is 20 bytes longer
    ip -n "$space" addr add "${IP4[$1]}/32" dev translate
    ip -n "$space" route add "${IP4[$2]}/32" dev translate src "${IP4[$1]}"
    ip -n "$space" route add "${IP6[$1]}/128" dev translate
}

translator_file() { # translator_file HOST: tayga's configuration
    cat <<END
tun-device translate
ipv4-addr ${TRANSLATOR4[$1]}
ipv6-addr ${TRANSLATOR6[$1]}
map ${IP4[server]} ${IP6[server]}
map ${IP4[client]} ${IP6[client]}
END
}

network_down() {
    local space
    for space in "${SPACE[@]}"; do ip netns del "$space"; done
}

# ------------------------------------------------------------------------------------------------------- the firewall

both() { # both RULE...: for IPv4 and IPv6
    in_firewall iptables -w "$@"
    in_firewall ip6tables -w "$@"
}

firewall() { # for PLACEMENT
    both -P FORWARD DROP
    case $LAB_RULES-$PLACEMENT in
    *-rules-*) firewall_of_program "${PLACEMENT#rules-}" ;;
    program-all*) firewall_of_program inline ;;
    program-*) firewall_of_program gate ;;
    own-gate) gate --queue-num\ 0 --queue-num\ 0 ;;
    own-balance) gate --queue-balance\ 0:3 --queue-balance\ 0:3 ;;
    own-split) gate --queue-num\ 0 --queue-balance\ 1:3 ;;
    own-all) both -A FORWARD -j NFQUEUE --queue-num 0 ;;
    own-all-4) both -A FORWARD -j NFQUEUE --queue-balance 0:3 ;;
    esac
}

gate() { # gate CONTROL_QUEUE TCP_QUEUE
    # shellcheck disable=SC2086 # an option and its value
    {
        both -A FORWARD -p udp --dport $CONTROL_PORT -j NFQUEUE $1
        both -A FORWARD -p udp --sport $CONTROL_PORT -j NFQUEUE $1
        both -A FORWARD -p tcp -m conntrack --ctstate ESTABLISHED -j ACCEPT
        both -A FORWARD -p tcp -m conntrack --ctstate NEW -j NFQUEUE $2
    }
}

# port_is_closed [FROM PORT TO]: usually one that was not negotiated, from the side that connects in a backup. A drop
# shows as a timeout, a pass as a connection or a refusal.
port_is_closed() {
    local status=0
    in_space "${1:-server}" timeout "${CLOSED_AFTER:-1}" \
        bash -c "exec 3<>/dev/tcp/${IP4[${3:-client}]}/${2:-$CLOSED_PORT}" || status=$?
    [ "$status" = 124 ]
}

# The TCP ports that pass, as "HOST:PORT" of the side that connects.
open_ports() {
    local port CLOSED_AFTER=2 # some of these must be seen to pass
    for port in 22 23 $CONTROL_PORT 11001 11040 11041 $CLOSED_PORT; do
        { port_is_closed server $port client || echo server:$port; } &
        { port_is_closed client $port server || echo client:$port; } &
    done 2>/dev/null | sort | xargs
}
