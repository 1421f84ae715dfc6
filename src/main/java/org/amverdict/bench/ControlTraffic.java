package org.amverdict.bench;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaPeer;
import org.amverdict.nfqueue.ffi.CLayout;
import org.amverdict.nfqueue.ffi.LibC;
import org.amverdict.nfqueue.ffi.NativeLibraries;
import org.amverdict.nfqueue.ffi.NativeMemory;

/**
 * NOOP requests of 1,024 transactions from sixteen privileged ports. The datagrams of a burst are of equal length, so
 * the kernel carries them as one sk_buff (UDP_SEGMENT, udp(7)) until a receiver needs them one by one.
 */
final class ControlTraffic implements Traffic {
    private static final int PORTS = 16;
    private static final int FIRST_PORT = 840;
    private static final int SEND_BUFFER_BYTES = 8 << 20;

    private final LibC libC = NativeLibraries.libC();
    private final NativeMemory scratch = new NativeMemory(CLayout.SOCKADDR_IN_SIZE);
    private final List<NativeMemory> bursts = new ArrayList<>();
    private final int[] sockets = new int[PORTS];
    private final long[] addresses = new long[PORTS];
    private final int datagramBytes = message(0).length;
    private int next;

    ControlTraffic() {
        for (int i = 0; i < PORTS; i++) {
            sockets[i] = -1;
        }
        for (int i = 0; i < PORTS; i++) {
            final NativeMemory burst = new NativeMemory(BURST * datagramBytes);
            for (int j = 0; j < BURST; j++) {
                burst.bytes().setBytes(j * datagramBytes, message(i * BURST + j));
            }
            bursts.add(burst);
            addresses[i] = burst.address();
            open(i);
        }
    }

    private static byte[] message(final int number) {
        return AmandaMessages.noop(AmandaMessages.Transaction.number(number));
    }

    private void open(final int i) {
        sockets[i] = SocketCalls.socket(CLayout.SOCK_DGRAM, CLayout.IPPROTO_UDP);
        SocketCalls.bind(sockets[i], BenchNetwork.GENERATOR_ADDRESS, FIRST_PORT + i);
        SocketCalls.connect(sockets[i], BenchNetwork.DEVICE_ADDRESS, AmandaPeer.CONTROL_PORT);
        option(sockets[i], CLayout.SOL_SOCKET, CLayout.SO_SNDBUFFORCE, SEND_BUFFER_BYTES, "enlarge the send buffer");
        option(sockets[i], CLayout.IPPROTO_UDP, CLayout.UDP_SEGMENT, datagramBytes, "set UDP_SEGMENT");
    }

    private void option(final int socket, final int level, final int name, final int value, final String operation) {
        scratch.bytes().setIntLE(0, value);
        final int result = libC.setsockopt(socket, level, name, scratch.address(), Integer.BYTES);
        scratch.keepReachable();
        if (result != 0) {
            throw NativeLibraries.failure(operation, "");
        }
    }

    @Override
    public int send(final int count) {
        final int i = next;
        next = (next + 1) % PORTS;
        return libC.send(sockets[i], addresses[i], (long) count * datagramBytes, 0) < 0 ? -1 : count;
    }

    @Override
    public void close() {
        for (final int socket : sockets) {
            if (socket >= 0) {
                libC.close(socket);
            }
        }
        bursts.forEach(NativeMemory::keepReachable);
    }
}
