package org.amverdict.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import jnr.ffi.LibraryLoader;
import org.amverdict.engine.EngineCounters;
import org.amverdict.engine.EngineEvents;
import org.amverdict.engine.EngineFixture;
import org.amverdict.engine.PacketBatch;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.engine.VerdictBatch;
import org.amverdict.engine.VerdictEngine;
import org.amverdict.inputs.BadInput;
import org.amverdict.nfqueue.DescriptorSocket;
import org.amverdict.nfqueue.QueueSocket;
import org.amverdict.nfqueue.ReceiveBatch;
import org.amverdict.nfqueue.ffi.CLayout;
import org.amverdict.nfqueue.ffi.NativeLibraries;
import org.amverdict.nfqueue.ffi.NativeMemory;
import org.amverdict.nfqueue.netlink.NfqueueProtocol;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The bad inputs 1 to 23 of src/docs/threats.md to the worker's way from a datagram to a packet: which packets are
 * answered, and what is counted. A pair of Unix sockets plays the kernel: like it, it has no netlink port id.
 */
final class NfqueueSourceTest {
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SLOT_BYTES = 4096;

    /** The rest of libc that a test needs. */
    public interface Pairs {
        int socketpair(int domain, int type, int protocol, int[] descriptors);
    }

    private final int[] ends = new int[2];
    private final QueueCounters counters = new QueueCounters();
    private final ReceiveBatch datagrams = new ReceiveBatch(8, SLOT_BYTES);
    private final PacketBatch batch = new PacketBatch(8, datagrams.slab());
    private final NativeMemory out = new NativeMemory(SLOT_BYTES + 1);
    private final QueueSocket socket;
    private final NfqueueSource source;

    NfqueueSourceTest() {
        assertEquals(0, LibraryLoader.create(Pairs.class).load("libc.so.6").socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
        socket = DescriptorSocket.of(ends[0]);
        source = new NfqueueSource(socket, datagrams, counters);
    }

    @AfterEach
    void close() {
        socket.close();
        NativeLibraries.libC().close(ends[1]);
    }

    private static ByteBuf message(final int type) {
        return Unpooled.buffer(256)
                .writeIntLE(0)
                .writeShortLE(type)
                .writeShortLE(0)
                .writeLong(0);
    }

    private static ByteBuf packet(final int id, final int... payload) {
        final ByteBuf message = header(message(NfqueueProtocol.MSG_PACKET).writeInt(0), id, 7);
        return attribute(message, NfqueueProtocol.NFQA_PAYLOAD, payload);
    }

    private static ByteBuf header(final ByteBuf message, final int id, final int bytes) {
        final int[] value = {id >>> 24, id >>> 16, id >>> 8, id, 0x08, 0, 1};
        return attribute(message, NfqueueProtocol.NFQA_PACKET_HDR, java.util.Arrays.copyOf(value, bytes));
    }

    private static ByteBuf attribute(final ByteBuf message, final int type, final int... value) {
        while ((message.writerIndex() & 3) != 0) {
            message.writeByte(0);
        }
        message.writeShortLE(4 + value.length).writeShortLE(type);
        for (final int one : value) {
            message.writeByte(one);
        }
        return message;
    }

    /** With its length filled in. */
    private static ByteBuf whole(final ByteBuf message) {
        return message.setIntLE(0, message.writerIndex());
    }

    private void send(final ByteBuf datagram) {
        final int length = datagram.readableBytes();
        out.bytes().setBytes(0, datagram, 0, length);
        assertEquals(length, NativeLibraries.libC().send(ends[1], out.address(), length, 0));
        out.keepReachable();
    }

    /** Ids of the packets that come of these datagrams. */
    private List<Integer> receive(final ByteBuf... sent) {
        for (final ByteBuf datagram : sent) {
            send(datagram);
        }
        source.receive(batch, 0);
        final List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < batch.count(); i++) {
            ids.add(batch.id(i));
        }
        return ids;
    }

    /** Nobody knows which packet it was about, so no batch verdict may be sent over it. */
    private void lost(final ByteBuf datagram) {
        final long before = counters.malformedMessages();
        assertEquals(List.of(), receive(datagram));
        assertEquals(before + 1, counters.malformedMessages());
        assertFalse(source.everyIdKnown());
    }

    /** The packet is answered, though nothing is known of it but its id. */
    private void answered(final ByteBuf datagram, final int id) {
        final long before = counters.malformedMessages();
        assertEquals(List.of(id), receive(datagram));
        assertEquals(0, batch.length(0));
        assertEquals(before + 1, counters.malformedMessages());
        assertTrue(source.everyIdKnown());
        assertEquals("drop malformed", judge());
    }

    private void noPacket(final ByteBuf datagram) {
        final long before = counters.malformedMessages();
        assertEquals(List.of(7), receive(datagram, whole(packet(7, 0x45))));
        assertEquals(before + 1, counters.malformedMessages());
        assertTrue(source.everyIdKnown());
    }

    private String judge() {
        final EngineCounters engineCounters = new EngineCounters();
        final VerdictBatch verdicts = new VerdictBatch(8);
        new VerdictEngine(
                        EngineFixture.settings(EngineFixture.policy()),
                        new Tables(TableLimits.DEFAULTS, 1),
                        engineCounters,
                        EngineEvents.NONE)
                .onBatch(batch, verdicts, 1);
        assertEquals(batch.count(), verdicts.count());
        for (final Reason reason : Reason.values()) {
            for (final Verdict verdict : Verdict.values()) {
                if (engineCounters.packets(verdict, reason) > 0) {
                    return verdict.label() + " " + reason.label();
                }
            }
        }
        return "";
    }

    @Test
    @BadInput({1, 2, 3})
    void shouldCountMessagesWithoutAWholeHeader() {
        lost(whole(packet(5, 0x45)).slice(0, 15));
        lost(packet(5, 0x45).setIntLE(0, 15));
        lost(packet(5, 0x45).setIntLE(0, 0));
        final ByteBuf tooLong = packet(5, 0x45);
        lost(tooLong.setIntLE(0, tooLong.writerIndex() + 1));
    }

    @Test
    @BadInput(4)
    void shouldJudgeTheFirstOfTwoMessagesWhenTheSecondIsCut() {
        final ByteBuf two = whole(packet(5, 1, 2, 3, 4));
        two.writeBytes(whole(packet(6, 1, 2, 3, 4)), 0, 30);

        assertEquals(List.of(5), receive(two));

        assertEquals(1, counters.malformedMessages());
        assertFalse(source.everyIdKnown());
    }

    @Test
    @BadInput(5)
    void shouldCountErrorsBetweenPackets() {
        final ByteBuf error = whole(message(NfqueueProtocol.NLMSG_ERROR).writeIntLE(-2));
        final ByteBuf acknowledgement =
                whole(message(NfqueueProtocol.NLMSG_ERROR).writeIntLE(0));

        assertEquals(List.of(5, 6), receive(whole(packet(5, 0x45)), error, acknowledgement, whole(packet(6, 0x45))));

        assertEquals(1, counters.kernelErrors());
        assertEquals(0, counters.malformedMessages());
        assertTrue(source.everyIdKnown());
    }

    @Test
    @BadInput({6, 7, 9})
    void shouldTakeNoOtherMessageForAPacket() {
        for (final int type : new int[] {
            NfqueueProtocol.NLMSG_NOOP, NfqueueProtocol.NLMSG_DONE, NfqueueProtocol.NLMSG_OVERRUN, 0x0100, 0x0301
        }) {
            noPacket(whole(packet(5, 0x45)).setShortLE(4, type));
        }
        noPacket(whole(packet(5, 0x45)).setShort(18, 3));
    }

    @Test
    @BadInput({8, 13, 14})
    void shouldCountPacketsWithoutAnId() {
        lost(whole(message(NfqueueProtocol.MSG_PACKET).writeShort(0)));
        lost(whole(message(NfqueueProtocol.MSG_PACKET).writeInt(0)));
        for (int length = 0; length < 7; length++) {
            lost(whole(header(message(NfqueueProtocol.MSG_PACKET).writeInt(0), 5, length)));
        }
    }

    @Test
    @BadInput({10, 11, 15, 19})
    void shouldAnswerMalformedPacketsWhoseIdIsKnown() {
        for (final int length : new int[] {0, 1, 2, 3, 9, 0xffff}) {
            answered(whole(packet(5, 1, 2, 3, 4)).setShortLE(32, length), 5);
        }
        answered(whole(header(packet(6, 1, 2, 3, 4), 9, 7)), 6);
        answered(whole(attribute(packet(7, 1), NfqueueProtocol.NFQA_PAYLOAD, 2)), 7);
        answered(whole(attribute(packet(8, 1, 2), NfqueueProtocol.NFQA_CAP_LEN, 0, 0, 0, 1)), 8);
    }

    @Test
    @BadInput({12, 20})
    void shouldTakeUnpaddedAndUnknownAttributes() {
        for (int length = 0; length < 9; length++) {
            assertEquals(List.of(5 + length), receive(whole(packet(5 + length, new int[length]))));
            assertEquals(length, batch.length(0));
        }
        final ByteBuf strange = attribute(message(NfqueueProtocol.MSG_PACKET).writeInt(0), 22, 1, 2, 3);
        for (int type = 23; type <= 200; type++) {
            attribute(strange, type, 1);
        }
        header(strange, 14, 7);
        assertEquals(List.of(14), receive(whole(attribute(strange, 0xc000 | NfqueueProtocol.NFQA_PAYLOAD, 0x45))));
        assertEquals(1, batch.length(0));
        assertEquals(0, counters.malformedMessages());
    }

    @Test
    @BadInput({16, 17})
    void shouldDropAPacketWithoutBytes() {
        assertEquals(
                List.of(5),
                receive(whole(header(message(NfqueueProtocol.MSG_PACKET).writeInt(0), 5, 7))));
        assertEquals("drop malformed", judge());
        assertEquals(List.of(6), receive(whole(packet(6))));
        assertEquals("drop malformed", judge());
    }

    @Test
    @BadInput(18)
    void shouldDropACutControlDatagram() {
        final byte[] request = request();
        final int[] cut = new int[request.length - 1];
        for (int i = 0; i < cut.length; i++) {
            cut[i] = request[i];
        }
        receive(whole(attribute(packet(5, cut), NfqueueProtocol.NFQA_CAP_LEN, 0, 0, 0, request.length)));

        assertEquals(request.length - 1, batch.length(0));
        assertEquals(request.length, batch.originalLength(0));
        assertEquals("drop malformed", judge());
    }

    @Test
    @BadInput({21, 22})
    void shouldCountGapsInTheIdsButNoWrap() {
        assertEquals(
                List.of(-2, -1, 0, 1),
                receive(
                        whole(packet(-2, 0x45)),
                        whole(packet(-1, 0x45)),
                        whole(packet(0, 0x45)),
                        whole(packet(1, 0x45))));
        assertEquals(0, counters.idGaps());

        receive(whole(packet(5, 0x45)));

        assertEquals(3, counters.idGaps());
        assertEquals(0, counters.malformedMessages());
    }

    @Test
    @BadInput(23)
    void shouldIgnoreAnotherProcess() {
        final int receiver = userSocket();
        final int sender = userSocket();
        final NativeMemory address = new NativeMemory(CLayout.SOCKADDR_NL_SIZE + Integer.BYTES);
        address.bytes().setIntLE(CLayout.SOCKADDR_NL_SIZE, CLayout.SOCKADDR_NL_SIZE);
        final long length = address.address() + CLayout.SOCKADDR_NL_SIZE;
        assertEquals(0, NativeLibraries.libC().getsockname(receiver, address.address(), length));
        assertEquals(0, NativeLibraries.libC().connect(sender, address.address(), CLayout.SOCKADDR_NL_SIZE));
        final ByteBuf forged = whole(packet(5, 0x45));
        out.bytes().setBytes(0, forged, 0, forged.readableBytes());
        assertTrue(NativeLibraries.libC().send(sender, out.address(), forged.readableBytes(), 0) > 0);
        address.keepReachable();
        out.keepReachable();

        try (QueueSocket netlink = DescriptorSocket.hearingTheKernelOnly(receiver)) {
            assertEquals(0, new NfqueueSource(netlink, datagrams, counters).receive(batch, 0));
        }

        assertEquals(1, counters.foreignDatagrams());
        assertEquals(0, counters.malformedMessages());
        NativeLibraries.libC().close(sender);
    }

    /** A netlink socket that needs no privilege, with a port id of the kernel's choice. */
    private static int userSocket() {
        final int descriptor =
                NativeLibraries.libC().socket(CLayout.AF_NETLINK, CLayout.SOCK_RAW, CLayout.NETLINK_USERSOCK);
        final NativeMemory address = new NativeMemory(CLayout.SOCKADDR_NL_SIZE);
        address.bytes().setShortLE(CLayout.SOCKADDR_NL_FAMILY, CLayout.AF_NETLINK);
        assertEquals(0, NativeLibraries.libC().bind(descriptor, address.address(), CLayout.SOCKADDR_NL_SIZE));
        address.keepReachable();
        return descriptor;
    }

    @Test
    @BadInput(47)
    void shouldGoByTheBytesNotByTheProtocolTheKernelNames() {
        final byte[] request = request();
        final int[] bytes = new int[request.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = request[i];
        }

        receive(whole(packet(5, bytes)).setShort(28, 0x86dd));

        assertEquals("accept request", judge());
    }

    /** NFQA_SKB_INFO as the kernel sends it with a packet that it has still to cut: of UDP, several datagrams. */
    @Test
    @BadInput(73)
    void shouldDropAControlDatagramThatTheKernelHasStillToCut() {
        final byte[] request = request();
        final int[] bytes = new int[request.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = request[i];
        }
        final int notReady = NfqueueProtocol.SKB_CSUM_NOT_READY;
        final int gso = NfqueueProtocol.SKB_GSO;
        final int notVerified = NfqueueProtocol.SKB_CSUM_NOT_VERIFIED;
        int id = 1;
        for (final int info : new int[] {0, notReady, notVerified, gso, gso | notReady, gso | notVerified}) {
            receive(whole(attribute(packet(id++, bytes), NfqueueProtocol.NFQA_SKB_INFO, 0, 0, 0, info)));

            assertEquals((info & gso) == 0 ? "accept request" : "drop merged", judge(), "NFQA_SKB_INFO " + info);
        }
    }

    private static byte[] request() {
        final byte[] payload =
                EngineFixture.message("REQ", "000-00000000", "1", "SECURITY USER x\nSERVICE noop\nOPTIONS ;\n");
        return EngineFixture.udp(
                EngineFixture.SERVER,
                EngineFixture.REQUESTER_PORT,
                EngineFixture.CLIENT,
                EngineFixture.CONTROL,
                payload);
    }

    /** A datagram longer than a slot: its packet is answered by the id at its beginning. */
    @Test
    void shouldAnswerAPacketWhoseDatagramWasCut() {
        answered(whole(packet(5, new int[SLOT_BYTES - 35])), 5);
    }
}
