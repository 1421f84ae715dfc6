# shellcheck shell=bash
# The extra steps of some cases: a trial T may have functions prepare_T (before the lab is up), configure_T (writes the
# configuration and sets LAST_QUEUE), begin_T (when the
# program is ready) and finish_T (last; 0 if all went as expected). Sourced by "run".

usual_settings() {
    LEGACY=false BACKUP=amanda_backup RANDOM_BYTES=3000
    # Short, so that a blocked step costs only seconds.
    TRIES=2 CONTROL_TIMEOUT=10 DUMP_LIMIT=90
}

trial() { # trial prepare|configure|begin|finish
    ! declare -F "$1_$TRIAL" >/dev/null || "$1_$TRIAL"
}

# --------------------------------------------------------------------------------------------------------- stopped

finish_stopped() {
    local good=0
    engine_stop || good=1
    amanda_settle
    noted 'amdump fails without the program' fails amanda_backup || good=1
    amanda_settle
    noted 'amrecover fails' fails amanda_recover || good=1
    return $good
}

# ---------------------------------------------------------------------------------------------------------- legacy

prepare_legacy() { LEGACY=true; }

finish_legacy() {
    local good=0
    noted amoldrecover recover_disk 1 amoldrecover || good=1
    engine_stop || good=1
    LEGACY=false
    engine_configure
    firewall
    engine_start || good=1
    noted 'fails without legacy-recovery' fails recover_disk 1 amoldrecover || good=1
    return $good
}

# ------------------------------------------------------------------------------------------------------------ init

# The configuration that the program itself makes, on the Amanda server, from Amanda's own: nothing of it is written by
# hand but the mode, so a backup and a recovery must pass at the first try. The host has a /tmp of its own, so the
# program is copied to where it can see it.
configure_init() {
    LAST_QUEUE=4
    cp -r "${PROGRAM%/bin/*}" "$LAB/program"
    on_host server "$LAB/program/bin/amverdict" init --amanda lab >"$LAB/init.yaml"
    sed 's/^mode: monitor/mode: enforce/' "$LAB/init.yaml" >"$LAB/amverdict.yaml"
    echo "state: {file: $STATE_FILE}" >>"$LAB/amverdict.yaml"
}

finish_init() {
    rm -r "$LAB/program"
    # Names as comments: the program needs no resolver.
    grep -q "^      - ${IP4[client]} *# lab-client$" "$LAB/init.yaml"
}

# ------------------------------------------------------------------------------------------------------------ site

# The site's own rules come after ours: ssh, and a range for Amanda at first. The case itself runs in monitor mode, where
# only that range lets Amanda through. "finish" takes it away and runs the same in enforce mode. The rules name no state,
# so the site decides about each packet, fragments included.
configure_site() {
    sed -i 's/^mode: .*/mode: monitor\nother-traffic: continue/' "$LAB/amverdict.yaml"
    both -P FORWARD DROP
    site_permits -A 22
    site_permits_amanda -A
    OPEN=$(open_ports)
}

site_permits() { # site_permits -A|-D PORTS
    both "$1" FORWARD -p tcp -m multiport --ports "$2" -j ACCEPT
}
site_permits_amanda() { # site_permits_amanda -A|-D
    both "$1" FORWARD -p udp -j ACCEPT # the reply of amcheck comes in fragments, and a later one has no port
    site_permits "$1" $CONTROL_PORT,11000:11040
}

finish_site() {
    local good=0
    noted 'as without the program' opens "$OPEN" || good=1
    amanda_settle
    site_permits_amanda -D
    sed -i 's/^mode: .*/mode: enforce/' "$LAB/amverdict.yaml"
    engine_reload || good=1
    noted 'enforced amdump' amanda_backup || good=1
    noted amrecover amanda_recover || good=1
    noted 'ssh by its rule' opens "$(with_control client:22 server:22)" || good=1
    site_permits -D 22
    noted 'closed without it' opens "$(with_control)" || good=1
    return $good
}
opens() { # opens PORTS: these ports and no others
    local open
    open=$(open_ports)
    echo "open: $open; expected: $1"
    [ "$open" = "$1" ]
}
# The program itself lets both sides reach the control port.
with_control() { printf '%s\n' client:$CONTROL_PORT server:$CONTROL_PORT "$@" | sort | xargs; }

# ------------------------------------------------------------------------------------------------------- fragments

prepare_fragments() { DUMP_LIMIT=180; }

# According to the senders: IPv4 even with FAMILY 6, since Amanda's own packets are IPv4. The translator keeps fragments
# as they are, or makes smaller ones.
finish_fragments() {
    local requests replies
    requests=$(fragments_sent server) replies=$(fragments_sent client)
    NOTE+="${NOTE:+, }fragments sent: server $requests, client $replies"
    [ "$requests" -gt 0 ] && [ "$replies" -gt 0 ]
}
fragments_sent() { in_space "$1" nstat -asz IpFragCreates | awk '$1 == "IpFragCreates" { print $2 }'; }

# ------------------------------------------------------------------------------------------------------------ loss

# Amanda's usual patience: a lost REP costs 10 s.
prepare_loss-before() { TRIES=5 CONTROL_TIMEOUT=30 DUMP_LIMIT=300; }
prepare_loss-after() { prepare_loss-before; }
begin_loss-before() { lose_replies PREROUTING; }
begin_loss-after() { lose_replies POSTROUTING; }
finish_loss-before() { enough_were_lost PREROUTING; }
finish_loss-after() { enough_were_lost POSTROUTING; }

lose_replies() { # lose_replies CHAIN of mangle
    both -t mangle -A "$1" -p udp --sport $CONTROL_PORT
    both -t mangle -A "$1" -p udp --sport $CONTROL_PORT -m statistic --mode nth --every 3 --packet 2 -j DROP
}

enough_were_lost() {
    local replies lost
    read -r replies lost < <(lost_replies "$1")
    NOTE+="${NOTE:+, }$lost of $replies replies lost"
    [ "$lost" -ge 3 ] && [ "$lost" -ge $((replies / 3)) ]
}

lost_replies() { # lost_replies CHAIN: replies, and how many of them were lost
    { in_firewall iptables -t mangle -nvxL "$1" && in_firewall ip6tables -t mangle -nvxL "$1"; } |
        awk -v port=":$CONTROL_PORT" '$0 ~ "spt" port { if (/DROP/) lost += $1; else all += $1 } END { print all, lost }'
}

# --------------------------------------------------------------------------------------------------------- restart

# Some 16 s of data, so that half of it is left when the program comes back.
# What becomes of segments of unknown flows is in the log only if the program drops them itself.
configure_restart() { sed -i 's/^mode: .*/&\nother-traffic: drop/' "$LAB/amverdict.yaml"; }
prepare_restart() { BACKUP=backup_and_restart RANDOM_BYTES=48000000; }
begin_restart() { in_space client tc qdisc add dev eth0 root tbf rate 24mbit burst 64k latency 100ms; }

backup_and_restart() {
    restart_within_dump && [ "$(grep -c "taken up from $STATE_FILE" "$LAB/engine.log")" = 1 ]
}

finish_restart() {
    amanda_settle
    # A server that gets no data hangs until it is stopped.
    DUMP_LIMIT=45
    noted 'amdump fails when the saved state is lost' breaks_without_state
}
breaks_without_state() {
    ! restart_within_dump rm -f "$STATE_FILE" && grep -q 'drop no-flow: tcp' "$LAB/engine.log"
}

# restart_within_dump [COMMAND...]: 0 if the dump was good; the command runs while the program is not running
restart_within_dump() {
    local dump status=0 before
    before=$(bytes_sent)
    dump_once &
    dump=$!
    await_bytes $((before + RANDOM_BYTES / 4)) && engine_stop && sleep 2 && "${@:-true}" && engine_start || status=1
    wait $dump || status=1
    return $status
}

await_bytes() { # await_bytes COUNT: 0 once the client has sent as many
    local i
    for ((i = 0; i < 300; i++)); do
        [ "$(bytes_sent)" -lt "$1" ] || return 0
        sleep 0.1
    done
    return 1
}
bytes_sent() { in_space client cat /sys/class/net/eth0/statistics/tx_bytes; }
