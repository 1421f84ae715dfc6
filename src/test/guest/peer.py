"""The two ends of a backup, as far as a packet filter sees them. Each runs in the network namespace of its host.

peer.py client ADDRESS SECONDS PORT...     answers one sendbackup REQ with CONNECT to these ports (as many as DATA, MESG
                                           and INDEX) and accepts on each; prints "listening" when a REQ may come
peer.py server ADDRESS CLIENT              sends that REQ, prints the ports of the REP; exit 1 if a datagram is lost
peer.py call ADDRESS CLIENT PORT [BYTES]   one TCP connection that sends BYTES and reads as many back; exit 1 if it is silent
peer.py echo ADDRESS SECONDS PORT...       accepts on these ports and announces nothing
"""
import re
import selectors
import socket
import sys
import time

CONTROL = 10080
LOST = 15.0  # seconds: an emulated processor needs several for the first packets
SILENT = 4.0


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def datagrams(address, port):
    s = socket.socket(family(address), socket.SOCK_DGRAM)
    s.bind((address, port))
    s.settimeout(LOST)
    return s


def packet(kind, handle, seq, body=""):
    return "Amanda 3.5 {} HANDLE {} SEQ {}\n{}".format(kind, handle, seq, body).encode("ascii")


def kind_of(data):
    return data.split()[2].decode("ascii")


def server(address, client):
    s = datagrams(address, 600 + int(time.time()) % 400)
    seq = int(time.time() * 16)
    handle = "000-{:08x}".format(seq & 0xFFFFFFFF)
    body = (
        "SECURITY USER backup\nSERVICE sendbackup\nOPTIONS features=ffffffff9efefbffff;hostname=client;\n"
        "<dle>\n<program>GNUTAR</program>\n<disk>/srv</disk>\n<level>0</level>\n<auth>bsd</auth>\n</dle>\n"
    )
    s.sendto(packet("REQ", handle, seq, body), (client, CONTROL))
    for expected in ("ACK", "REP"):
        data = s.recv(65535)
        if kind_of(data) != expected:
            sys.exit("{} instead of {}".format(kind_of(data), expected))
    s.sendto(packet("ACK", handle, seq), (client, CONTROL))
    print(*re.findall(r"(?:DATA|MESG|INDEX) (\d+)", data.decode("ascii")))


def listeners(address, ports):
    chosen = selectors.DefaultSelector()
    for port in ports:
        s = socket.socket(family(address), socket.SOCK_STREAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((address, port))
        s.listen()
        chosen.register(s, selectors.EVENT_READ, True)
    return chosen


def echo(chosen, seconds):
    """What comes goes back, until so many seconds are over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for key, _ in chosen.select(0.5):
            if key.data:
                chosen.register(key.fileobj.accept()[0], selectors.EVENT_READ, False)
                continue
            try:
                data = key.fileobj.recv(65536)
                if data:
                    key.fileobj.sendall(data)
                    continue
            except OSError:
                pass
            chosen.unregister(key.fileobj)
            key.fileobj.close()


def client(address, seconds, ports):
    control = datagrams(address, CONTROL)
    chosen = listeners(address, ports)
    print("listening", flush=True)
    control.settimeout(seconds)
    request, requester = control.recvfrom(65535)
    handle, seq = re.search(rb"HANDLE (\S+) SEQ (\d+)", request).groups()
    handle, seq = handle.decode("ascii"), int(seq)
    names = " ".join("{} {}".format(n, p) for n, p in zip(("DATA", "MESG", "INDEX"), ports))
    control.sendto(packet("ACK", handle, seq), requester)
    control.sendto(packet("REP", handle, seq, "CONNECT {}\nOPTIONS features=ffffffff9efefbffff;\n".format(names)), requester)
    control.settimeout(LOST)
    if kind_of(control.recv(65535)) != "ACK":
        sys.exit("no ACK of the REP")
    echo(chosen, seconds)


def call(address, responder, port, count):
    s = socket.socket(family(address), socket.SOCK_STREAM)
    s.bind((address, 0))
    s.settimeout(SILENT)
    try:
        s.connect((responder, port))
    except OSError as e:
        sys.exit("port {}: {}".format(port, e))
    s.settimeout(LOST)
    block = b"x" * 16384
    left = count
    while left > 0:
        part = block[: min(left, len(block))]
        s.sendall(part)
        got = 0
        while got < len(part):
            data = s.recv(65536)
            if not data:
                sys.exit("port {}: closed with {} bytes to go".format(port, left))
            got += len(data)
        left -= len(part)


def main(words):
    if words[0] == "client":
        client(words[1], float(words[2]), [int(w) for w in words[3:]])
    elif words[0] == "server":
        server(words[1], words[2])
    elif words[0] == "call":
        call(words[1], words[2], int(words[3]), int(words[4]) if len(words) > 4 else 1)
    elif words[0] == "echo":
        chosen = listeners(words[1], [int(w) for w in words[3:]])
        print("listening", flush=True)
        echo(chosen, float(words[2]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except socket.timeout:
        sys.exit("a datagram or an answer did not arrive")
