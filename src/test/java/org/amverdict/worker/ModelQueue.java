package org.amverdict.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.amverdict.nfqueue.DescriptorSocket;
import org.amverdict.nfqueue.FaultySocket;
import org.amverdict.nfqueue.QueueSocket;
import org.amverdict.nfqueue.ReceiveBatch;
import org.amverdict.nfqueue.ffi.CLayout;
import org.amverdict.nfqueue.ffi.FaultyLibC;
import org.amverdict.nfqueue.ffi.FaultyLibC.Outcome;
import org.amverdict.nfqueue.ffi.NativeLibraries;
import org.amverdict.nfqueue.ffi.NativeMemory;
import org.amverdict.nfqueue.netlink.NfqueueProtocol;
import org.amverdict.nfqueue.netlink.PacketMessageHeader;
import org.amverdict.nfqueue.netlink.PacketMessageWriter;
import org.amverdict.worker.FaultInjector.Fault;

/**
 * The kernel's side of a queue, as net/netfilter/nfnetlink_queue.c has it, with faults: numbers packets, holds them,
 * hands them over in messages, and applies verdicts. It knows what became of each packet. Its ids begin near the wrap
 * if wanted. One thread.
 */
final class ModelQueue implements AutoCloseable {
    private static final int MESSAGE_MAX_BYTES = 4096;
    /** Messages that fit into the sockets at one time. */
    private static final int IN_FLIGHT_MAX = 32;

    private static final int TYPE_AT = 4;
    private static final int VERDICT_AT = 24;
    private static final int ID_AT = 28;

    private final FaultInjector faults;
    private final int maxLength;
    private final QueueSocket queue;
    private final QueueSocket kernel;
    private final ReceiveBatch answers = new ReceiveBatch(64, 1 << 16);
    private final NativeMemory out = new NativeMemory(MESSAGE_MAX_BYTES);
    private final PacketMessageHeader header = new PacketMessageHeader();
    /** Held packets in order, by their number since the start. */
    private final TreeMap<Long, byte[]> held = new TreeMap<>();
    /** Messages to be handed over, each a datagram. */
    private final Deque<byte[]> messages = new ArrayDeque<>();

    private final List<byte[]> errors = new ArrayList<>();
    private final int firstId;
    private long numbered;
    private int delayed;
    /** Packets whose message was damaged: nobody has seen them, so they must not pass. */
    private final Set<Long> unseen = new HashSet<>();

    final Account account = new Account();

    /** What became of packets, as the kernel knows it. */
    static final class Account {
        long sent;
        long accepted;
        long dropped;
        long continued;
        /** The queue was full. */
        long queueDropped;
        /** The message did not fit; the packet has a number. */
        long userDropped;
        /** The kernel gave the packet up while it was held. */
        long forgotten;
        /** Verdicts on packets that are not held, each reported to the worker. */
        long errors;
        /** Messages handed over a second time. */
        long duplicated;
        /** Messages whose id could not be read. */
        long unreadable;

        long known() {
            return accepted + dropped + continued + queueDropped + userDropped + forgotten;
        }

        @Override
        public String toString() {
            return "sent " + sent + " = accepted " + accepted + " + dropped " + dropped + " + continued " + continued
                    + " + queue full " + queueDropped + " + lost " + userDropped + " + given up " + forgotten
                    + "; errors " + errors + ", duplicates " + duplicated + ", unreadable " + unreadable;
        }
    }

    /** @param firstId of the first packet; 1 in the kernel */
    ModelQueue(final FaultInjector faults, final int maxLength, final int firstId) {
        this(faults, maxLength, firstId, faults::systemCall);
    }

    /** @param calls as {@link FaultyLibC#of} wants it */
    ModelQueue(
            final FaultInjector faults,
            final int maxLength,
            final int firstId,
            final BiFunction<String, Object[], Outcome> calls) {
        this.faults = faults;
        this.maxLength = maxLength;
        this.firstId = firstId;
        final NativeMemory ends = new NativeMemory(2 * Integer.BYTES);
        assertEquals(
                0,
                NativeLibraries.libC()
                        .socketpair(CLayout.AF_UNIX, CLayout.SOCK_SEQPACKET | CLayout.SOCK_CLOEXEC, 0, ends.address()));
        queue = FaultySocket.of(ends.bytes().getIntLE(0), calls);
        kernel = DescriptorSocket.of(ends.bytes().getIntLE(Integer.BYTES));
    }

    /** The end that a worker reads and answers. */
    QueueSocket socket() {
        return queue;
    }

    /** Packets that wait for a verdict. */
    int waiting() {
        return held.size();
    }

    /** A packet arrives. */
    void arrive(final byte[] packet) {
        account.sent++;
        if (held.size() >= maxLength) {
            account.queueDropped++;
            return;
        }
        final long number = numbered++;
        if (faults.happens(Fault.LOSE)) {
            account.userDropped++;
            return;
        }
        held.put(number, packet);
        final byte[] message = message(number, damaged(packet));
        if (faults.happens(Fault.UNREADABLE)) {
            account.unreadable++;
            unseen.add(number);
            // Half of the packet's header attribute.
            message[NfqueueProtocol.NLMSG_HDRLEN + NfqueueProtocol.NFGENMSG_SIZE] = 5;
        }
        messages.add(message);
        if (faults.happens(Fault.DUPLICATE)) {
            account.duplicated++;
            messages.add(message);
        }
        if (messages.size() > 1 && faults.happens(Fault.REORDER)) {
            final byte[] last = messages.removeLast();
            final byte[] before = messages.removeLast();
            messages.add(last);
            messages.add(before);
        }
    }

    private byte[] damaged(final byte[] packet) {
        byte[] bytes = packet;
        if (faults.happens(Fault.TRUNCATE)) {
            bytes = java.util.Arrays.copyOf(packet, faults.random(packet.length));
        }
        if (bytes.length > 0 && faults.happens(Fault.FLIP)) {
            bytes = bytes.clone();
            bytes[faults.random(bytes.length)] ^= (byte) (1 << faults.random(Byte.SIZE));
        }
        return bytes;
    }

    private byte[] message(final long number, final byte[] packet) {
        header.packetId = firstId + (int) number;
        header.hook = 2;
        header.inInterface = 1;
        header.outInterface = 2;
        final int length =
                PacketMessageWriter.write(out.bytes(), 0, header, Unpooled.wrappedBuffer(packet), 0, packet.length);
        final byte[] message = new byte[length];
        out.bytes().getBytes(0, message);
        return message;
    }

    /** Hands over what is due, as much as fits. */
    void deliver() {
        handOver();
        if (!held.isEmpty() && faults.happens(Fault.FORGET)) {
            account.forgotten++;
            held.remove(held.firstKey());
        }
    }

    private void handOver() {
        if (delayed > 0) {
            delayed--;
            return;
        }
        for (int i = 0; i < IN_FLIGHT_MAX; i++) {
            if (faults.happens(Fault.DELAY)) {
                delayed = 1 + faults.random(4);
                return;
            }
            final byte[] message = errors.isEmpty() ? messages.poll() : errors.remove(0);
            if (message == null) {
                return;
            }
            out.bytes().setBytes(0, message);
            kernel.send(out.address(), message.length);
            out.keepReachable();
        }
    }

    /** Whether a message is still to be handed over. */
    boolean isBusy() {
        return !messages.isEmpty() || !errors.isEmpty() || delayed > 0;
    }

    /** Applies what the worker has answered. */
    void apply() {
        for (int count = kernel.receive(answers, 0); count > 0; count = kernel.receive(answers, 0)) {
            for (int i = 0; i < count; i++) {
                int at = answers.offset(i);
                final int end = at + answers.length(i);
                while (at < end) {
                    apply(answers.slab(), at);
                    at += answers.slab().getIntLE(at);
                }
            }
        }
    }

    private void apply(final ByteBuf slab, final int at) {
        final int verdict = slab.getInt(at + VERDICT_AT) & 0xffff;
        // Ids are taken to be near the newest one, as nfq_id_after does.
        final long number = numbered + (slab.getInt(at + ID_AT) - firstId - (int) numbered);
        final int before = held.size();
        if (slab.getUnsignedShortLE(at + TYPE_AT) == NfqueueProtocol.MSG_VERDICT_BATCH) {
            while (!held.isEmpty() && held.firstKey() <= number) {
                conclude(held.pollFirstEntry().getKey(), verdict);
            }
        } else if (held.remove(number) != null) {
            conclude(number, verdict);
        }
        if (held.size() == before) {
            account.errors++;
            errors.add(error());
        }
    }

    private void conclude(final long number, final int verdict) {
        assertTrue(verdict == NfqueueProtocol.NF_DROP || !unseen.contains(number), "a packet passed unseen");
        switch (verdict) {
            case NfqueueProtocol.NF_ACCEPT -> account.accepted++;
            case NfqueueProtocol.NF_DROP -> account.dropped++;
            default -> account.continued++;
        }
    }

    /** NLMSG_ERROR with ENOENT. */
    private static byte[] error() {
        final byte[] message = new byte[36];
        final ByteBuf bytes = Unpooled.wrappedBuffer(message);
        bytes.setIntLE(0, message.length);
        bytes.setShortLE(TYPE_AT, NfqueueProtocol.NLMSG_ERROR);
        bytes.setIntLE(16, -2);
        return message;
    }

    /** Asserts that it holds nothing, and that it knows what became of each packet. */
    void assertSettled(final String where) {
        assertTrue(held.isEmpty(), () -> where + ": held " + held.keySet() + ", " + account);
        assertEquals(account.sent, account.known(), where);
    }

    @Override
    public void close() {
        queue.close();
        kernel.close();
    }
}
