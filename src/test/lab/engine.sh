# shellcheck shell=bash
# The program under test, in the firewall's namespace. Sourced by "run".

PROGRAM=$CHECKOUT/src/target/dist/bin/amverdict
STATE_FILE=$LAB/state
ENGINE_PID=''

engine_configure() { # writes the configuration for PLACEMENT, sets LAST_QUEUE
    local server client queues marks='{}'
    if [ "$FAMILY" = 4 ]; then server=${IP4[server]} client=${IP4[client]}; else server=${IP6[server]} client=${IP6[client]}; fi
    case $PLACEMENT in
    gate | all) LAST_QUEUE=0 queues='{numbers: 0, copy: packet}' ;;
    balance | all-4) LAST_QUEUE=3 queues='{numbers: 0-3, copy: packet}' ;;
    split | rules-*) LAST_QUEUE=3 queues=$'{numbers: 0, copy: packet}\n  - {numbers: 1-3, copy: headers}' ;;
    esac
    [ "$PLACEMENT" != rules-offload ] ||
        marks='{data: 0x10, mesg: 0x11, index: 0x12, state: 0x13, ctl: 0x14, control: 0x15, mask: 0xff}'
    cat >"$LAB/amverdict.yaml" <<END
mode: enforce
queues:
  - $queues
allow:
  - name: backup
    requesters: ["$server"]
    responders: ["$client"]
    services: [noop, selfcheck, sendsize, sendbackup]
    stream-ports: 11000-11060
  - name: recovery
    requesters: ["$client"]
    responders: ["$server"]
    services: [amindexd, amidxtaped]
    stream-ports: 11000-11060
    legacy-recovery: $LEGACY
marks: $marks
state: {file: $STATE_FILE}
END
}

engine_start() {
    local i command="${LAB_ENGINE:-$PROGRAM run -c}"
    # shellcheck disable=SC2086 # a command with its arguments
    ip netns exec "${SPACE[firewall]}" $command "$LAB/amverdict.yaml" >>"$LAB/engine.log" 2>&1 </dev/null &
    ENGINE_PID=$!
    for ((i = 0; i < 200; i++)); do # 20 s: a cold JVM on a busy machine
        queues_are_bound && return 0
        kill -0 "$ENGINE_PID" 2>/dev/null || break
        sleep 0.1
    done
    return 1
}

# According to the kernel, whatever the program says.
queues_are_bound() { [ "$(in_firewall cat /proc/net/netfilter/nfnetlink_queue | wc -l)" -gt "$LAST_QUEUE" ]; }

engine_stop() { # 0 if it ended in time and well, or had been stopped before
    local status=0 i
    [ -n "$ENGINE_PID" ] || return 0
    kill "$ENGINE_PID" 2>/dev/null || true
    for ((i = 0; i < 50; i++)); do
        kill -0 "$ENGINE_PID" 2>/dev/null || break
        sleep 0.1
    done
    kill -9 "$ENGINE_PID" 2>/dev/null || true
    wait "$ENGINE_PID" || status=$?
    ENGINE_PID=''
    # 143: a JVM that SIGTERM ended in an orderly way
    [ "$status" = 0 ] || [ "$status" = 143 ] || {
        echo "exit code $status" >>"$LAB/engine.log"
        return 1
    }
}

engine_reload() { # 0 once the configuration of now is in force
    local i before
    before=$(reloads)
    kill -HUP "$ENGINE_PID"
    for ((i = 0; i < 100; i++)); do
        [ "$(reloads)" = "$before" ] || return 0
        sleep 0.1
    done
    return 1
}
reloads() { grep -c ' reloaded ' "$LAB/engine.log" || true; }

firewall_of_program() { # firewall_of_program gate|inline|offload: as "amverdict rules" would have it
    in_firewall "$PROGRAM" rules -c "$LAB/amverdict.yaml" --format iptables --at forward --placement "$1" --apply
}
