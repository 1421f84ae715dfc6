# shellcheck shell=bash
# The two Amanda hosts: their files and operations. Sourced by "run".

AMANDA_USER=backup # of Debian's packages
AMANDA_HOME=$(getent passwd $AMANDA_USER | cut -d: -f6)
# amoldrecover 3.5.1 cannot recover from amidxtaped 3.5.1, even without a firewall: it quotes
# LABEL="storage:label:file", and lists features that it does not support (HEADER-SEND-SIZE, and the data path). In the
# trial the server reads such a client's list only up to bit 87, like an older client's, and the label without storage
# and quotes.
TAPE_SERVICE=$(dpkg -L amanda-server amanda-common | grep '/Amanda/Service/Amidxtaped\.pm$')
declare -A HOST_PID

amanda_up() {
    local host
    for host in server client; do
        make_host $host
        ip netns exec "${SPACE[$host]}" unshare --mount --uts --ipc --pid --fork --kill-child \
            bash "$LAB_CODE/host.sh" $host "$LAB/$host" "$AMANDA_HOME" "$TAPE_SERVICE" >"$LAB/$host.txt" 2>&1 </dev/null &
        HOST_PID[$host]=$!
    done
    for host in server client; do await_host $host; done
}

await_host() {
    local i
    for ((i = 0; i < 100; i++)); do
        [ ! -e "$LAB/$1/ready" ] || return 0
        sleep 0.05
    done
    cat "$LAB/$1.txt" >&2
    echo "lab: host $1 did not start" >&2
    exit 1
}

amanda_down() {
    local host
    for host in server client; do
        kill -9 "${HOST_PID[$host]}" # unshare(1), and with it all of its PID namespace
        wait "${HOST_PID[$host]}" 2>/dev/null || true
        rm -rf "${LAB:?}/$host"
    done
}

on_host() { # on_host NAME COMMAND...: as root, in all namespaces of the host
    nsenter --target "$(child_of "${HOST_PID[$1]}")" --mount --uts --ipc --net --pid \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C "${@:2}"
}
child_of() {
    local child
    read -r child _ <"/proc/$1/task/$1/children"
    echo "$child"
}
as_amanda() { # as_amanda NAME COMMAND...
    on_host "$1" setpriv --reuid $AMANDA_USER --regid $AMANDA_USER --init-groups \
        env HOME="$AMANDA_HOME" USER=$AMANDA_USER LOGNAME=$AMANDA_USER "${@:2}"
}

# An amandad of auth bsd or bsdudp stays for 30 s after its last request, and one whose streams were blocked waits for
# each of them and answers no requests: the next step after a deliberate failure must not run into one.
amanda_settle() {
    local host
    for host in server client; do on_host $host pkill -9 -u $AMANDA_USER || true; done
}

# --------------------------------------------------------------------------------------------------- files of a host

make_host() {
    local d=$LAB/$1 n
    mkdir -p "$d"/{config/lab,state/gnutar-lists,log,home,srv,tmp,etc}
    touch "$d/state/amandates"
    printf '%s\n' '127.0.0.1 localhost' "${IP4[server]} lab-server" "${IP4[client]} lab-client" >"$d/etc/hosts"
    # Debian 12 has amanda as a TCP service only; auth bsd and bsdudp ask for the UDP one.
    { grep -v '^amanda[[:space:]]' /etc/services && printf 'amanda %s\n' "$CONTROL_PORT/tcp" "$CONTROL_PORT/udp"; } \
        >"$d/etc/services"
    echo 'hosts: files' | cat <(grep -v '^hosts:' /etc/nsswitch.conf) - >"$d/etc/nsswitch.conf"
    security_file >"$d/etc/amanda-security.conf"
    client_file >"$d/config/amanda-client.conf"
    cp "$d/config/amanda-client.conf" "$d/config/lab/"
    [ "$FAMILY" = 4 ] || translator_file "$1" >"$d/etc/tayga.conf"
    "files_of_$1" "$d"
    chown -R $AMANDA_USER:$AMANDA_USER "$d"/{config,state,log,home}
    chmod 600 "$d/home/.amandahosts"
    chmod 1777 "$d/tmp"
}

files_of_server() {
    local n
    mkdir -p "$1"/state/{lab/info,lab/log,lab/index,tapes,holding}
    touch "$1/state/lab/tapelist"
    server_file >"$1/config/lab/amanda.conf"
    for ((n = 1; n <= DISKS; n++)); do echo "lab-client /srv/disk$n tiny $n"; done >"$1/config/lab/disklist"
    echo 'lab-client root amindexd amidxtaped' >"$1/home/.amandahosts"
    inetd_file 'amindexd amidxtaped' >"$1/etc/inetd.conf"
    # The services that amoldrecover connects to.
    printf '%s stream tcp4 nowait %s /usr/lib/amanda/%s %s\n' 10082 $AMANDA_USER amindexd amindexd \
        10083 $AMANDA_USER amidxtaped amidxtaped >>"$1/etc/inetd.conf"
    # shellcheck disable=SC2016 # Perl's $1
    [ "$TRIAL" != legacy ] ||
        sed '/last if \/^END\$\/;/i $self->from_amandad or s/^(FEATURES=.{22}).*/$1/ or s/^LABEL="[^:]*:(.*)"$/LABEL=$1/;' \
            "$TAPE_SERVICE" >"$1/etc/tape-service"
}

files_of_client() {
    local n
    for ((n = 1; n <= DISKS; n++)); do fill_disk "$1/srv/disk$n"; done
    echo "lab-server $AMANDA_USER amdump" >"$1/home/.amandahosts"
    inetd_file amdump >"$1/etc/inetd.conf"
}

fill_disk() {
    mkdir -p "$1/sub"
    head -c "$RANDOM_BYTES" /dev/urandom >"$1/random"
    echo "this is $1" >"$1/text"
    head -c 200 /dev/urandom >"$1/sub/more"
}

# The setuid helpers (runtar, ambind) take paths and port ranges only from this file.
security_file() {
    local program
    for program in runtar amgtar; do
        printf '%s:gnutar_path=%s\n' $program /bin/tar $program /usr/bin/tar
    done
    printf '%s\n' tcp_port_range=700,740 udp_port_range=840,860
}

inetd_file() { # inetd_file SERVICES
    local socket='dgram udp4 wait'
    [ "$AUTH" != bsdtcp ] || socket='stream tcp4 nowait'
    echo "$CONTROL_PORT $socket $AMANDA_USER /usr/lib/amanda/amandad amandad -auth=$AUTH $1"
}

ports_file() {
    cat <<END
reserved-udp-port 840,860
reserved-tcp-port 700,740
unreserved-tcp-port 11000,11040
connect-tries $TRIES
END
}

client_file() {
    ports_file
    cat <<END
conf "lab"
index-server "lab-server"
tape-server "lab-server"
auth "$AUTH"
rep-tries $TRIES
END
}

# Short timeouts, so that a blocked step costs only seconds; up to four disks are dumped at a time.
server_file() {
    ports_file
    cat <<END
org "lab"
mailto ""
dumpuser "$AMANDA_USER"
inparallel 4
maxdumps 4
netusage 800000 Kbps
dumpcycle 0
runspercycle 1
tapecycle 3
req-tries $TRIES
ctimeout $CONTROL_TIMEOUT
etimeout 20
dtimeout 20
infofile "/var/lib/amanda/lab/info"
logdir "/var/lib/amanda/lab/log"
indexdir "/var/lib/amanda/lab/index"
tapelist "/var/lib/amanda/lab/tapelist"
define changer tapes {
    tpchanger "chg-disk:/var/lib/amanda/tapes"
    property "num-slot" "4"
    property "auto-create-slot" "yes"
}
tpchanger "tapes"
amrecover-changer "tapes"
define tapetype folder {
    length 64 mbytes
    filemark 1 kbytes
}
tapetype folder
labelstr "^LAB[0-9]*$"
autolabel "LAB%%" any
define holdingdisk holding {
    directory "/var/lib/amanda/holding"
    use 64 mbytes
}
holdingdisk holding
define dumptype tiny {
    program "GNUTAR"
    auth "$AUTH"
    index $INDEX
    compress none
    record no
    estimate client
    maxdumps 4
}
END
}

# -------------------------------------------------------------------------------------------------- what Amanda does

amanda_check() { as_amanda server timeout 120 amcheck -c lab; }

# Succeeds only if every disk is on tape without an intermediate failure and the tape reads back. A run that Amanda
# itself spoiled is repeated once, and NOTE says so.
amanda_backup() {
    dump_once && return
    own_fault || return 1
    # shellcheck disable=SC2034 # "run" prints it
    NOTE="amdump repeated: $(own_fault)"
    amanda_settle
    dump_once
}

dump_once() {
    local logs=$LAB/server/state/lab/log status=0
    rm -rf "$logs"
    mkdir "$logs"
    chown $AMANDA_USER: "$logs"
    as_amanda server timeout "$DUMP_LIMIT" amdump lab || status=$?
    find "$logs" -name 'log.*' -exec grep -hE '^(FAIL|ERROR|STRANGE|FATAL|WARNING|SUCCESS|DONE)' {} + |
        tee "$LAB/amdump-log.txt"
    echo "amdump: exit $status, $(logged 'DONE taper') of $DISKS disks on tape"
    [ "$status" = 0 ] && [ "$(logged 'DONE taper')" = "$DISKS" ] && [ "$(logged FAIL)" = 0 ] &&
        as_amanda server timeout 120 amcheckdump lab
}
logged() { grep -c "^$1 .*lab-client /srv/disk" "$LAB/amdump-log.txt" || true; }

# Failures that Amanda 3.5.1 causes itself on a busy machine, both seen while none of its packets was dropped: it
# expects the header from one TCP connection before the data of another; and its processes on the server wait for each
# other after the last byte of each dump has arrived (not seen since each host has its own /dev/shm).
own_fault() {
    if grep -q '^FATAL dumper HEADER_DONE not set' "$LAB/amdump-log.txt"; then
        echo 'data came before the header'
    elif [ "$(logged 'SUCCESS dumper')" = "$DISKS" ] && [ "$(logged FAIL)" = 0 ]; then
        echo 'all dumps arrived, but the server hung'
    else
        return 1
    fi
}

# The first disk and the last, each in a separate session, compared byte by byte.
amanda_recover() {
    recover_disk 1 amrecover -o "auth=$AUTH" && {
        [ "$DISKS" = 1 ] || recover_disk "$DISKS" amrecover -o "auth=$AUTH"
    }
}

recover_disk() { # recover_disk DISK COMMAND...
    local from=/srv/disk$1 into=/srv/recovered$1
    rm -rf "$LAB/client$into"
    mkdir "$LAB/client$into"
    # Y: go on; that volume is there; set the owner of the directory. A surplus answer is only an unknown command.
    printf '%s\n' 'sethost lab-client' "setdisk $from" 'add random' 'add text' 'add sub' extract Y Y Y quit |
        on_host client sh -c "cd $into && timeout 120 ${*:2} -C lab -s lab-server -t lab-server"
    diff -r "$LAB/client$from" "$LAB/client$into" && echo "disk $1 recovered"
}
