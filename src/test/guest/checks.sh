# shellcheck shell=bash disable=SC2317,SC2329,SC2034 # "check" and the suites call the functions
# What the suites share; sourced in the guest. The guest is the firewall between two hosts in namespaces, s and c.
CONFIG=/etc/amverdict/amverdict.yaml
declare -A SERVER=([4]=192.0.2.10 [6]=2001:db8:1::10) CLIENT=([4]=198.51.100.20 [6]=2001:db8:2::20)
wrong=0

check() { # check NAME COMMAND...: a line that the host counts; what the command said, if it failed
    local name=$1
    shift
    if "$@" >/run/said 2>&1; then
        echo "good   $name"
    else
        echo "FAILED $name"
        sed 's/^/       /' /run/said
        wrong=1
    fi
}
not() { ! "$@"; }
peer() { # peer s|c WORDS...
    local host=$1
    shift
    ip netns exec "$host" python3 peer.py "$@"
}

network() {
    local host n=0
    for host in s c; do
        n=$((n + 1))
        ip netns add "$host"
        ip link add "to-$host" type veth peer name eth0 netns "$host"
        ip link set "to-$host" up
        ip -n "$host" link set lo up
        ip -n "$host" link set eth0 up
        case $host in s) set -- 192.0.2 10 ;; c) set -- 198.51.100 20 ;; esac
        ip addr add "$1.1/24" dev "to-$host"
        ip -n "$host" addr add "$1.$2/24" dev eth0
        ip addr add "2001:db8:$n::1/64" dev "to-$host" nodad
        ip -n "$host" addr add "2001:db8:$n::$2/64" dev eth0 nodad
        ip -n "$host" route add default via "$1.1"
        ip -n "$host" -6 route add default via "2001:db8:$n::1"
    done
    sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}

# Without the rest of the site's rules the program itself refuses what nobody announced.
configure() {
    cat >"$CONFIG" <<END
mode: enforce
other-traffic: drop
queues:
  - {numbers: 20, copy: packet}
  - {numbers: 21-22, copy: headers}
allow:
  - name: nightly
    requesters: [${SERVER[4]}, "${SERVER[6]}"]
    responders: [${CLIENT[4]}, "${CLIENT[6]}"]
    services: [noop, selfcheck, sendsize, sendbackup]
END
}

# within SECONDS COMMAND...: it succeeds within so many seconds
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.5
    done
}
heard() { grep -q listening /run/heard; }
is_active() { [ "$(systemctl is-active amverdict)" = active ]; }
main_pid() { systemctl show -p MainPID --value amverdict; }
other_process() { is_active && [ "$(main_pid)" != "$1" ]; } # other_process PID
# replaced PID: another process of the service is ready; what the journal says, if none is.
replaced() {
    within 240 other_process "$1" && return 0
    systemctl status --no-pager amverdict
    journalctl -b -u amverdict --no-pager | tail -n 40
    return 1
}

# open_client FAMILY ROLE SECONDS PORT...: a client in the background, ended by close_client
open_client() {
    local family=$1 role=$2
    shift 2
    : >/run/heard
    peer c "$role" "${CLIENT[$family]}" "$@" >/run/heard 2>&1 &
    background=$!
    within 30 heard
}
close_client() {
    kill "$background" 2>/dev/null
    wait "$background" 2>/dev/null
}
call() { # call FAMILY PORT [BYTES]
    local family=$1
    shift
    peer s call "${SERVER[$family]}" "${CLIENT[$family]}" "$@"
}
exchange() { peer s server "${SERVER[$1]}" "${CLIENT[$1]}"; }

# backup TITLE FAMILY FIRST_PORT: three announced ports pass once, and nothing else does.
backup() {
    local title=$1 family=$2 port=$3
    open_client "$family" client 120 "$port" "$((port + 1))" "$((port + 2))"
    check "$title: silent before it is announced" not call "$family" "$port"
    check "$title: the control exchange passes" exchange "$family"
    check "$title: the first announced connection, 1 MiB each way" call "$family" "$port" 1048576
    check "$title: a second one to that port is refused" not call "$family" "$port"
    check "$title: the other two announced connections" both "$family" "$((port + 1))" "$((port + 2))"
    close_client
    open_client "$family" echo 60 "$((port + 9))"
    check "$title: a port that nobody announced stays closed" not call "$family" "$((port + 9))"
    close_client
}
both() { call "$1" "$2" && call "$1" "$3"; }
