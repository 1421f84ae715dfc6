package org.amverdict.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.Settings;
import org.amverdict.config.SettingsLoader;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.packet.DecodeStatus;
import org.amverdict.packet.PacketView;
import org.amverdict.packet.Tuple;
import org.amverdict.policy.Policy;
import org.junit.jupiter.api.Test;

/** The packets of the mixes, and that the policy of the measurement makes of them what the mix says. */
class TrafficTest {
    private static final int HEADERS_COPIED = 256;
    private static final int IP_AND_UDP = 28;
    /** Behind ::ffff:0:0/96, as the engine keeps IPv4 addresses. */
    private static final int LAST_16 = 0xFFFF;

    private final ByteBuf buffer = Unpooled.buffer(TcpTraffic.PACKET_BYTES);
    private final PacketView view = new PacketView();

    private PacketView tcp(final int flow, final int port, final int flags) {
        TcpTraffic.write(buffer, 0, flow, SocketCalls.bytes(BenchNetwork.DEVICE_ADDRESS), port, flags);
        assertEquals(DecodeStatus.OK, view.decode(buffer, 0, TcpTraffic.PACKET_BYTES, TcpTraffic.PACKET_BYTES));
        return view;
    }

    @Test
    void shouldWriteTcpPacketsThatAreWhole() {
        final PacketView packet = tcp(20_000, 11_000, TcpTraffic.SYN);

        assertTrue(packet.tcp().plainSyn());
        assertTrue(packet.tcp().verifyChecksum(packet, false));
        assertEquals(11_000, packet.destinationPort());
        assertEquals(20_001, packet.sourcePort(), "16384 sources have had their first port");
        assertEquals(0x8000 + 20_000 - 16_384, packet.sourceLow() & LAST_16);
        assertTrue(tcp(0, 11_000, TcpTraffic.ACK).tcp().verifyChecksum(packet, false));
    }

    @Test
    void shouldGiveEveryFlowItsOwnEndpoint() {
        final Set<Long> endpoints = new HashSet<>();
        for (int flow = 0; flow < Traffic.FLOWS; flow++) {
            final PacketView packet = tcp(flow, 11_000, TcpTraffic.ACK);
            endpoints.add((packet.sourceLow() & 0xFFFF_FFFFL) << 16 | packet.sourcePort());
        }

        assertEquals(Traffic.FLOWS, endpoints.size());
    }

    @Test
    void shouldFitRequestsIntoTheHeadersThatAreCopied() {
        final int first = AmandaMessages.noop(AmandaMessages.Transaction.number(0)).length;

        assertTrue(IP_AND_UDP + first <= HEADERS_COPIED, first + " bytes are read whole");
        for (int i = 1; i < 1_024; i++) {
            assertEquals(
                    first,
                    AmandaMessages.noop(AmandaMessages.Transaction.number(i)).length,
                    "datagrams of a burst are of equal length");
        }
    }

    @Test
    void shouldConfigureEachMix() throws ConfigurationException {
        for (final Mix mix : Mix.values()) {
            final Settings settings = SettingsLoader.load(Consumers.configuration(mix, 1), mix.label());

            assertEquals(Settings.Mode.ENFORCE, settings.mode());
            assertEquals(mix.gso(), settings.queues().get(0).gso());
            assertEquals(mix.copy(), settings.queues().get(0).copy().label());
            assertEquals(BenchNetwork.QUEUE, settings.queues().get(0).first());
            assertNull(settings.metrics().listen());
            assertNull(settings.state().file());
        }
    }

    @Test
    void shouldConfigureEveryQueue() throws ConfigurationException {
        final Settings settings = SettingsLoader.load(Consumers.configuration(Mix.FLOWS, 4), "flows");

        assertEquals(1, settings.queues().size());
        assertEquals("7-10", settings.queues().get(0).numbers());
    }

    @Test
    void shouldLetInTheHitsAndNotTheMisses() throws ConfigurationException, UnknownHostException {
        final Policy policy =
                SettingsLoader.load(Consumers.configuration(Mix.SYN, 4), "syn").policy();
        final PacketView packet = tcp(0, 11_000, TcpTraffic.SYN);

        for (final int port : new int[] {Generator.STATIC_PORT, BulkMeasurement.PORT, Generator.UNEXPECTED_PORT}) {
            assertEquals(
                    port != Generator.UNEXPECTED_PORT,
                    policy.staticPort(new Tuple()
                            .set(
                                    packet.sourceHigh(),
                                    packet.sourceLow(),
                                    0,
                                    packet.destinationHigh(),
                                    packet.destinationLow(),
                                    port)),
                    "port " + port);
        }
        assertEquals(
                "198.18.0.2", InetAddress.getByName(BenchNetwork.DEVICE_ADDRESS).getHostAddress());
        assertTrue(new String(AmandaMessages.noop(AmandaMessages.Transaction.number(1)), StandardCharsets.US_ASCII)
                .contains("SERVICE noop"));
    }
}
