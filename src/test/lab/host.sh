#!/bin/bash
# First process of one Amanda host, in the host's network namespace and fresh mount, PID and UTS namespaces.
# usage: host.sh NAME DIRECTORY HOME_OF_AMANDA_USER TAPE_SERVICE
set -eu
name=$1 directory=$2 home=$3

mount -t proc proc /proc
hostname "lab-$name"
# Amanda names its shared memory and semaphores after process ids, which are the same in every PID namespace.
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount --bind "$directory/config" /etc/amanda
mount --bind "$directory/state" /var/lib/amanda
mount --bind "$directory/log" /var/log/amanda
mount --bind "$directory/home" "$home"
mount --bind "$directory/srv" /srv
mount --bind "$directory/tmp" /tmp
for file in hosts services nsswitch.conf amanda-security.conf; do
    mount --bind "$directory/etc/$file" "/etc/$file"
done
[ ! -e "$directory/etc/tape-service" ] || mount --bind "$directory/etc/tape-service" "$4"
cd /
[ ! -e "$directory/etc/tayga.conf" ] || tayga -d -c "$directory/etc/tayga.conf" &
inetd -i "$directory/etc/inetd.conf" &
touch "$directory/ready"
wait
