package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.EngineFixture.Outcome;
import org.amverdict.fuzz.LiveSet;
import org.amverdict.packet.PacketView;
import org.amverdict.packet.Tuple;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.PublishedHost;
import org.amverdict.policy.PublishedHosts;
import org.amverdict.policy.StaticRange;
import org.amverdict.replay.CapturedPackets;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole batches through two workers over the same tables, which are so small that every limit is met. Each packet has one
 * verdict, nothing fails inside (both of {@link EngineFixture}), no table goes beyond a limit, no stream is expected that
 * no reply announced, no merged datagrams pass, and once everything has expired the tables are empty.
 *
 * <p>Input: packets, each behind four bytes: flags as below, the pause before it, its length (16 bits).
 */
@ExtendWith(LiveSet.class)
final class BatchFuzzTest {
    private static final int HEADER = 4;
    /** The batch ends behind this packet. */
    private static final int LAST = 1;
    /** It goes to the worker that has all features on. */
    private static final int SECOND_WORKER = 2;

    private static final int TRUNCATED = 4;
    private static final int NO_INTERFACES = 8;
    private static final int CHECKSUM_NOT_READY = 16;
    /** The packets of the batch are several in one: of TCP segments, of UDP datagrams. */
    private static final int MERGED = 32;

    /** It comes in by an interface that is not that of its addresses. */
    private static final int ELSEWHERE = 64;
    /** From now on all interfaces but those are gone, or, the next time, there again. */
    private static final int INTERFACES = 128;

    private static final int OTHER_IN = 200;
    private static final int OTHER_OUT = 201;

    /** A pause is one of 2^0 to 2^43 microseconds and some, which is beyond every deadline. */
    private static final int PAUSES = 44;

    private static final int BATCH_MAX = 64;
    private static final int SEED_MAX = 3500;
    private static final int PACKET_MAX = 600;
    private static final int ROUNDS = 12;
    private static final int FRAGMENT_SLOTS = 4096;

    private static final long SECOND = EngineFixture.SECOND;
    private static final long LIFETIME = 180 * SECOND;
    private static final TableLimits LIMITS = new TableLimits(
            new TableLimits.Transactions(16, 5, 3600 * SECOND),
            new TableLimits.Expectations(14, 6, LIFETIME, 5),
            new TableLimits.Flows(20, 7200 * SECOND));

    private final EngineFixture first = new EngineFixture(settings(false), LIMITS);
    private final EngineFixture second = first.sibling(settings(true));
    private final Tables tables = first.tables();
    private final Set<Integer> announced = new HashSet<>();
    private final PacketView view = new PacketView();

    private static EngineSettings settings(final boolean all) {
        final HostSet any = HostSet.of("0.0.0.0/0", "::/0");
        final int services = EngineFixture.policy().allowances().get(0).services();
        final Policy policy = Policy.of(
                List.of(new Allowance("any", any, any, services, Policy.DEFAULT_STREAM_PORTS, true)),
                all ? List.of(new StaticRange(any, any, PortSet.range(20_020, 20_030))) : List.of(),
                EngineFixture.policy().controlPorts(),
                EngineFixture.policy().requesterPorts());
        final PublishedHosts published = PublishedHosts.of(
                List.of(new PublishedHost(
                        HostPrefix.parse("203.0.113.66").address(),
                        10_080,
                        HostPrefix.parse("198.51.100.10").address())),
                PublishedHosts.DEFAULT_MASK);
        return EngineSettings.builder(policy)
                .dropRefusedReplies(all)
                .marks(EngineFixture.marks(Map.of(StreamName.DATA, 1L), 0xff))
                .published(all ? published : PublishedHosts.NONE)
                .matchInterfaces(all)
                .adoptFlows(all)
                .conclude();
    }

    static Stream<byte[]> batches() {
        final Stream.Builder<byte[]> inputs = Stream.builder();
        for (final String capture : CapturedPackets.CAPTURES) {
            inputs.add(input(CapturedPackets.of(capture), 0));
        }
        for (int seed = 1; seed <= ROUNDS; seed++) {
            final byte[] input = input(traffic(seed), seed);
            inputs.add(input);
            inputs.add(byOtherInterfaces(input, seed));
        }
        return inputs.build();
    }

    private static byte[] byOtherInterfaces(final byte[] input, final int seed) {
        final byte[] changed = input.clone();
        int number = 0;
        for (int at = 0; at + HEADER <= changed.length; ) {
            changed[at] |=
                    (byte) ((number % 4 == seed % 4 ? ELSEWHERE : 0) | (number % 7 == seed % 7 ? INTERFACES : 0));
            at += HEADER + ((changed[at + 2] & 0xff) << 8 | (changed[at + 3] & 0xff));
            number++;
        }
        return changed;
    }

    private static List<byte[]> traffic(final int seed) {
        final RandomTraffic traffic = new RandomTraffic(seed);
        final List<byte[]> packets = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            final Exchange exchange = traffic.exchange();
            packets.add(exchange.request());
            packets.add(exchange.reply(traffic.line(exchange)));
            packets.add(traffic.connection(exchange).packet());
            packets.add(traffic.connection(exchange).packet());
            packets.add(traffic.noReply(exchange));
        }
        packets.addAll(Exchange.fragments(EngineFixture.udp(
                EngineFixture.SERVER, 844, EngineFixture.CLIENT, EngineFixture.CONTROL, new byte[1000])));
        return packets;
    }

    private static byte[] input(final List<byte[]> packets, final int seed) {
        final ByteBuf input = Unpooled.buffer();
        for (final byte[] packet : packets) {
            if (packet.length <= PACKET_MAX && input.readableBytes() + packet.length < SEED_MAX) {
                final int number = input.readableBytes();
                input.writeByte((number % 3 == 0 ? LAST : seed % 2 * SECOND_WORKER) | (number % 5 == 0 ? MERGED : 0))
                        .writeByte(number % 7)
                        .writeShort(packet.length)
                        .writeBytes(packet);
            }
        }
        return ByteBufUtil.getBytes(input);
    }

    @MethodSource("batches")
    @FuzzTest
    void batch(final byte[] input) {
        announced.clear();
        long now = input.length == 0 ? 0 : Long.MAX_VALUE / 100 * input[0];
        final List<byte[]> batch = new ArrayList<>();
        int at = 0;
        while (input.length - at >= HEADER) {
            final int flags = input[at];
            now += pause(input[at + 1] & 0xff);
            final int length =
                    Math.min((input[at + 2] & 0xff) << 8 | (input[at + 3] & 0xff), input.length - at - HEADER);
            final byte[] packet = new byte[length];
            System.arraycopy(input, at + HEADER, packet, 0, length);
            at += HEADER + length;
            batch.add(packet);
            if ((flags & (LAST | TRUNCATED)) != 0 || batch.size() == BATCH_MAX || input.length - at < HEADER) {
                judge(batch, flags, now);
                batch.clear();
            }
        }
        expireAll(now);
    }

    private static long pause(final int code) {
        return code == 0 ? 0 : (1000L << code % PAUSES) + code;
    }

    private void judge(final List<byte[]> batch, final int flags, final long now) {
        final EngineFixture worker = (flags & SECOND_WORKER) == 0 ? first : second;
        if ((flags & INTERFACES) != 0) {
            if (tables.interfaces().exists(1)) {
                tables.interfaces().publish(new int[] {OTHER_IN, OTHER_OUT});
            } else {
                tables.interfaces().forget();
            }
        }
        worker.packetFlags(((flags & CHECKSUM_NOT_READY) == 0 ? 0 : PacketBatch.CHECKSUM_NOT_READY)
                | ((flags & MERGED) == 0 ? 0 : PacketBatch.MERGED));
        if ((flags & NO_INTERFACES) != 0) {
            worker.interfaces(0, 0);
        } else if ((flags & ELSEWHERE) != 0) {
            worker.interfaces(OTHER_IN, OTHER_OUT);
        } else {
            worker.interfacesByAddress();
        }
        if ((flags & TRUNCATED) != 0) {
            final byte[] packet = batch.get(batch.size() - 1);
            final List<Outcome> outcomes = List.of(worker.sendTruncated(packet, packet.length / 2, now));
            check(outcomes, now);
            checkMerged(List.of(packet), outcomes, flags);
            batch.remove(batch.size() - 1);
        }
        if (!batch.isEmpty()) {
            final List<Outcome> outcomes = worker.send(batch, now);
            check(outcomes, now);
            checkMerged(batch, outcomes, flags);
        }
    }

    /** Who lets the first of several datagrams pass lets all of them pass. */
    private void checkMerged(final List<byte[]> packets, final List<Outcome> outcomes, final int flags) {
        for (int i = 0; i < packets.size() && (flags & MERGED) != 0; i++) {
            final byte[] packet = packets.get(i);
            view.decode(Unpooled.wrappedBuffer(packet), 0, packet.length, packet.length);
            assertTrue(
                    view.protocol() != PacketView.PROTOCOL_UDP
                            || !outcomes.get(i).accepted(),
                    outcomes.get(i)::toString);
        }
    }

    private void check(final List<Outcome> outcomes, final long now) {
        for (final Outcome outcome : outcomes) {
            assertTrue(outcome.reason() != Reason.ERROR, outcome::toString);
            for (final String stream : outcome.streams()) {
                announced.add(Integer.parseInt(stream.substring(stream.indexOf(' ') + 1)));
            }
        }
        assertTrue(tables.transactions().size() <= LIMITS.transactions().capacity(), "transactions");
        assertTrue(tables.flows().size() <= LIMITS.flows().capacity(), "flows");
        assertTrue(tables.expectations().size() <= LIMITS.expectations().capacity(), "expectations");
        final Map<String, Integer> held = new HashMap<>();
        tables.expectations().forEach(expectation -> {
            final Tuple tuple = expectation.tuple();
            final int port = tuple.destinationPort();
            held.merge(tuple.sourceHigh() + ":" + tuple.sourceLow(), 1, Integer::sum);
            assertTrue(announced.contains(port), () -> "P1: nobody announced port " + port);
            assertTrue(expectation.deadlineNanos() - now <= LIFETIME, "P4: expected for too long");
        });
        held.values()
                .forEach(
                        count -> assertTrue(count <= LIMITS.expectations().perRequester(), "expectations of one host"));
    }

    /** So that each input meets the same empty tables, and nothing can be left in them for ever. */
    private void expireAll(final long now) {
        final long later = now + LIMITS.flows().idleNanos() + SECOND;
        first.engine().housekeep(later, FRAGMENT_SLOTS);
        tables.interfaces().forget();
        assertEquals(0, tables.transactions().size(), "transactions left");
        assertEquals(0, tables.expectations().size(), "expectations left");
        assertEquals(0, tables.flows().size(), "flows left");
        assertEquals(0, tables.fragments().size(), "fragments left");
    }
}
