package org.amverdict.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.amverdict.amanda.Service;
import org.amverdict.packet.IpAddress;
import org.amverdict.packet.Tuple;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class PolicyTest {
    private static final long SERVER = ipv4(192, 0, 2, 10);
    private static final long CLIENT = ipv4(198, 51, 100, 7);

    private static long ipv4(final int a, final int b, final int c, final int d) {
        return HostPrefix.MAPPED_PREFIX | (long) a << 24 | b << 16 | c << 8 | d;
    }

    private static Allowance allowance(
            final String name, final HostSet requesters, final HostSet responders, final Service... services) {
        int bits = 0;
        for (final Service service : services) {
            bits |= service.bit();
        }
        return new Allowance(name, requesters, responders, bits, Policy.DEFAULT_STREAM_PORTS, false);
    }

    @Test
    void shouldFindTheFirstAllowanceThatHasBothHostsAndTheService() {
        final HostSet server = HostSet.of("192.0.2.10");
        final Allowance checks = allowance("checks", server, HostSet.of("198.51.100.0/24"), Service.NOOP);
        final Allowance backup =
                allowance("backup", server, HostSet.of("198.51.0.0/16"), Service.NOOP, Service.SENDBACKUP);
        final Policy policy = Policy.of(List.of(checks, backup));

        assertSame(checks, policy.find(new Tuple().set(0, SERVER, 0, 0, CLIENT, 0), Service.NOOP));
        assertSame(backup, policy.find(new Tuple().set(0, SERVER, 0, 0, CLIENT, 0), Service.SENDBACKUP));
        assertNull(policy.find(new Tuple().set(0, SERVER, 0, 0, CLIENT, 0), Service.AMINDEXD));
        assertNull(policy.find(new Tuple().set(0, CLIENT, 0, 0, SERVER, 0), Service.NOOP));
        assertTrue(policy.permits(new Tuple().set(0, SERVER, 0, 0, CLIENT, 0)));
        assertFalse(policy.permits(new Tuple().set(0, CLIENT, 0, 0, SERVER, 0)));
        assertNull(policy.findLegacyRecovery(new Tuple().set(0, SERVER, 0, 0, CLIENT, 0)));
    }

    @Test
    void shouldAllowNothingWhenNoLineDoes() {
        final Policy policy = Policy.of(List.of());

        assertFalse(policy.permits(new Tuple().set(0, SERVER, 0, 0, CLIENT, 0)));
        assertFalse(policy.staticPort(new Tuple().set(0, SERVER, 0, 0, CLIENT, 11_000)));
    }

    @Test
    void shouldKnowStaticAndControlAndRequesterPorts() {
        final HostSet server = HostSet.of("192.0.2.10");
        final Policy policy = Policy.of(
                List.of(),
                List.of(
                        new StaticRange(server, HostSet.of("198.51.100.0/24"), PortSet.range(11_000, 11_040)),
                        new StaticRange(server, HostSet.of("198.51.100.7"), PortSet.of(12_000))),
                PortSet.of(10_080, 10_090),
                PortSet.parse("840-860"));

        assertTrue(policy.staticPort(new Tuple().set(0, SERVER, 0, 0, CLIENT, 11_040)));
        assertTrue(policy.staticPort(new Tuple().set(0, SERVER, 0, 0, CLIENT, 12_000)));
        assertFalse(policy.staticPort(new Tuple().set(0, SERVER, 0, 0, CLIENT + 1, 12_000)));
        assertFalse(policy.staticPort(new Tuple().set(0, CLIENT, 0, 0, SERVER, 11_000)));
        assertTrue(policy.isControlPort(10_090));
        assertFalse(policy.isControlPort(10_081));
        assertTrue(policy.isRequesterPort(840));
        assertFalse(policy.isRequesterPort(1023));
        assertTrue(Policy.of(List.of()).isRequesterPort(512));
    }

    @Test
    void shouldAnswerAsALinearSearchDoes() {
        final long seed = Long.getLong("seed", System.nanoTime());
        final SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 400; round++) {
            final Policy policy = randomPolicy(random, random.nextInt(40));
            for (int i = 0; i < 500; i++) {
                final long[] a = randomAddress(random);
                final long[] b = randomAddress(random);
                final Service service = Service.values()[random.nextInt(Service.values().length)];
                final int port = random.nextInt(1024, 1040);
                final String about = "seed " + seed + " round " + round + " look-up " + i;

                assertSame(
                        naiveFind(policy, a, b, service.bit(), false),
                        policy.find(new Tuple().set(a[0], a[1], 0, b[0], b[1], 0), service),
                        about);
                assertEquals(
                        naiveFind(policy, a, b, -1, false) != null,
                        policy.permits(new Tuple().set(a[0], a[1], 0, b[0], b[1], 0)),
                        about);
                assertEquals(
                        naiveFind(policy, a, b, -1, true) != null,
                        policy.findLegacyRecovery(new Tuple().set(a[0], a[1], 0, b[0], b[1], 0)) != null,
                        about);
                assertEquals(
                        naiveStatic(policy, a, b, port),
                        policy.staticPort(new Tuple().set(a[0], a[1], 0, b[0], b[1], port)),
                        about);
            }
        }
    }

    private static @Nullable Allowance naiveFind(
            final Policy policy, final long[] a, final long[] b, final int services, final boolean legacy) {
        for (final Allowance allowance : policy.allowances()) {
            if (naiveContains(allowance.requesters(), a)
                    && naiveContains(allowance.responders(), b)
                    && (services == -1 || (allowance.services() & services) != 0)
                    && (!legacy || allowance.legacyRecovery())) {
                return allowance;
            }
        }
        return null;
    }

    private static boolean naiveStatic(final Policy policy, final long[] a, final long[] b, final int port) {
        for (final StaticRange range : policy.statics()) {
            if (naiveContains(range.from(), a)
                    && naiveContains(range.to(), b)
                    && range.tcp().contains(port)) {
                return true;
            }
        }
        return false;
    }

    private static boolean naiveContains(final HostSet set, final long[] address) {
        boolean found = false;
        for (final HostPrefix prefix : set.prefixes()) {
            found |= prefix.contains(address[0], address[1]);
        }
        assertEquals(found, set.contains(address[0], address[1]));
        return found;
    }

    /** Few distinct bits, so that prefixes nest and addresses hit. */
    private static long[] randomAddress(final SplittableRandom random) {
        final long bits = random.nextLong() & 0x8000_8080_0000_0003L;
        return switch (random.nextInt(3)) {
            case 0 -> new long[] {0, HostPrefix.MAPPED_PREFIX | (bits & 0xffff_ffffL) | (bits >>> 32 & 0x8080_0000L)};
            case 1 -> new long[] {0x2001_0db8_0000_0000L | (bits & 3), random.nextLong() & 0x8000_8080_0000_0003L};
            default -> new long[] {bits, random.nextLong() & 0xc000_ffff_8000_0001L};
        };
    }

    private static HostSet randomHosts(final SplittableRandom random) {
        final List<HostPrefix> prefixes = new ArrayList<>();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            final long[] address = randomAddress(random);
            final boolean ipv4 = new IpAddress(address[0], address[1]).isIpv4();
            final int bits = random.nextInt(8) == 0 ? 128 : ipv4 ? random.nextInt(96, 129) : random.nextInt(129);
            final long high = bits >= 64 ? address[0] : bits == 0 ? 0 : address[0] & -1L << (64 - bits);
            final long low = bits == 128 ? address[1] : bits <= 64 ? 0 : address[1] & -1L << (128 - bits);
            prefixes.add(new HostPrefix(high, low, bits));
        }
        return HostSet.of(prefixes);
    }

    private static Policy randomPolicy(final SplittableRandom random, final int size) {
        final List<Allowance> allowances = new ArrayList<>();
        final List<StaticRange> statics = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            allowances.add(new Allowance(
                    "line " + i,
                    randomHosts(random),
                    randomHosts(random),
                    random.nextInt(1 << Service.values().length),
                    Policy.DEFAULT_STREAM_PORTS,
                    random.nextBoolean()));
            statics.add(
                    new StaticRange(randomHosts(random), randomHosts(random), PortSet.of(random.nextInt(1024, 1040))));
        }
        return Policy.of(allowances, statics, Policy.DEFAULT_CONTROL_PORTS, Policy.DEFAULT_REQUESTER_PORTS);
    }

    /** Half of the lines name one network, the others a host in it: lists per interval would need 25 million entries. */
    private static Policy largePolicy(final int size) {
        final List<Allowance> allowances = new ArrayList<>();
        final HostSet network = HostSet.of("198.51.0.0/16");
        for (int i = 0; i < size; i++) {
            final HostSet server = HostSet.of(List.of(new HostPrefix(0, ipv4(10, 0, i >> 8, i & 255), 128)));
            final HostSet client = HostSet.of(List.of(new HostPrefix(0, ipv4(198, 51, i >> 8, i & 255), 128)));
            allowances.add(allowance("line " + i, server, i % 2 == 0 ? network : client, Service.SENDBACKUP));
        }
        return Policy.of(allowances);
    }

    @Test
    void shouldBeFastAndAllocateNothingWithTenThousandAllowances() {
        for (final int size : new int[] {10, 10_000}) {
            final Policy policy = largePolicy(size);
            final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long grown = Long.MAX_VALUE;
            long perLookUpNs = Long.MAX_VALUE;

            // The least of some windows: the first ones are the compiler's, and other processes may take the processor.
            for (int window = 0; window < 5; window++) {
                final long bytes = threads.getCurrentThreadAllocatedBytes();
                final long start = System.nanoTime();
                assertEquals(50_000, lookUp(policy, size, 50_000));
                perLookUpNs = Math.min(perLookUpNs, (System.nanoTime() - start) / 150_000);
                grown = Math.min(grown, threads.getCurrentThreadAllocatedBytes() - bytes);
            }

            assertTrue(grown < 1_000, "allocated " + grown + " bytes");
            assertTrue(perLookUpNs < 20_000, "one look-up takes " + perLookUpNs + " ns with " + size + " allowances");
        }
    }

    private static long lookUp(final Policy policy, final int size, final int rounds) {
        final Tuple tuple = new Tuple();
        long found = 0;
        for (int i = 0; i < rounds; i++) {
            final int line = i % size;
            final long server = ipv4(10, 0, line >> 8, line & 255);
            final long client = ipv4(198, 51, line >> 8, line & 255);
            if (policy.find(tuple.set(0, server, 0, 0, client, 11_000), Service.SENDBACKUP) != null
                    && policy.permits(tuple)
                    && !policy.staticPort(tuple)) {
                found++;
            }
        }
        return found;
    }
}
