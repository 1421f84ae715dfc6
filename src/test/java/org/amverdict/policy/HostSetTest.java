package org.amverdict.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.amverdict.packet.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HostSetTest {
    private static boolean in(final HostSet set, final String address) {
        final IpAddress parsed = parsed(address);
        return set.contains(parsed.high(), parsed.low());
    }

    private static IpAddress parsed(final String address) {
        final IpAddress parsed = IpAddress.parse(address);
        if (parsed == null) {
            throw new AssertionError(address);
        }
        return parsed;
    }

    @Test
    void shouldContainTheFirstAndTheLastAddressOfAPrefixAndNoOther() {
        final HostSet set = HostSet.of("198.51.100.0/24", "2001:db8::/64", "192.0.2.10");

        assertTrue(in(set, "198.51.100.0"));
        assertTrue(in(set, "198.51.100.255"));
        assertFalse(in(set, "198.51.99.255"));
        assertFalse(in(set, "198.51.101.0"));
        assertTrue(in(set, "192.0.2.10"));
        assertFalse(in(set, "192.0.2.11"));
        assertTrue(in(set, "2001:db8::ffff:ffff:ffff:ffff"));
        assertFalse(in(set, "2001:db8:0:1::"));
    }

    @Test
    void shouldKeepTheFamiliesApart() {
        assertFalse(in(HostSet.of("::/0"), "192.0.2.1"));
        assertTrue(in(HostSet.of("::/0"), "::fffe:ffff:ffff"));
        assertTrue(in(HostSet.of("::/0"), "::1:0:0:0"));
        assertTrue(in(HostSet.of("::/0"), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
        assertFalse(in(HostSet.of("0.0.0.0/0"), "2001:db8::1"));
        assertTrue(in(HostSet.of("0.0.0.0/0"), "255.255.255.254"));
        assertTrue(in(HostSet.of("::/0", "10.0.0.0/8"), "10.1.2.3"));
        assertFalse(in(HostSet.of("::/0", "10.0.0.0/8"), "11.1.2.3"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10.0.0.5/24 | write 10.0.0.0/24 for the network or 10.0.0.5 for the one host",
                "2001:db8::1/32 | write 2001:db8::/32 for the network or 2001:db8::1 for the one host",
                "224.0.0.1 | multicast",
                "239.0.0.0/8 | multicast",
                "ff02::1 | multicast",
                "0.0.0.0 | unspecified",
                ":: | write the host's address, or ::/0",
                "255.255.255.255 | broadcast",
                "::ffff:192.0.2.1 | write 192.0.2.1",
                "fe80::1%eth0 | zone",
                "backup.example.org | names are not looked up",
                "010.0.0.1 | leading zeros",
                "1.2.3 | not an IPv4 address",
                "1:2:3 | not an IPv6 address",
                "1::2::3 | not an IPv6 address",
                "1:2:3:4:5:6:7::8 | not an IPv6 address",
                "10.0.0.0/33 | 0-32",
                "::1/129 | 0-128",
                "10.0.0.0/08 | not a prefix length",
                "10.0.0.0/ | not a prefix length",
            })
    void shouldRefuseWithTheRemedy(final String text, final String part) {
        final Exception error = assertThrows(IllegalArgumentException.class, () -> HostSet.of(text));

        assertTrue(String.valueOf(error.getMessage()).contains(part), error.getMessage());
    }

    @Test
    void shouldRefuseAnEmptyList() {
        assertThrows(IllegalArgumentException.class, () -> HostSet.of(List.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "::1",
                "2001:db8::/32",
                "1:2:3:4:5:6:7:8",
                "1::8",
                "1:0:0:2::",
                "2001:db8:0:1:1:1:1:1",
                "10.0.0.0/8",
                "192.0.2.1",
                "0.0.0.0/0",
                "::/0",
                "0:1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:0"
            })
    void shouldPrintWhatItRead(final String text) {
        assertEquals(text, HostPrefix.parse(text).toString());
    }

    @Test
    void shouldReadAndPrintAddressesAsTheLibraryDoes() throws UnknownHostException {
        final long seed = Long.getLong("seed", System.nanoTime());
        final SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 20_000; i++) {
            final byte[] bytes = new byte[16];
            final long keep = random.nextLong();
            for (int b = 0; b < 16; b++) {
                bytes[b] = (keep >>> (b / 2 * 3) & 3) == 0 ? (byte) random.nextInt() : 0;
            }
            final ByteBuffer buffer = ByteBuffer.wrap(bytes);
            final long high = buffer.getLong();
            final long low = buffer.getLong();
            final String text = new IpAddress(high, low).toString();

            final IpAddress again = parsed(text);
            final IpAddress full = parsed(InetAddress.getByAddress(bytes).getHostAddress());

            for (final IpAddress parsed : List.of(again, full)) {
                assertEquals(high, parsed.high(), () -> "seed " + seed + ": " + text);
                assertEquals(low, parsed.low(), () -> "seed " + seed + ": " + text);
            }
            if (!again.isIpv4()) {
                assertEquals(InetAddress.getByName(text), InetAddress.getByAddress(bytes), () -> "seed " + seed);
            }
        }
    }

    @Test
    void shouldNotReadWhatIsNoAddress() {
        for (final String text : List.of(
                "",
                ":",
                ":::",
                "1:",
                ":1",
                "1.2.3.4.5",
                "1.2.3.256",
                "g::",
                "12345::",
                "::1.2.3",
                "1.2.3.4::",
                "::1.2.3.4:5",
                " 1.2.3.4",
                "1.2.3.4 ",
                "1".repeat(100))) {
            assertNull(IpAddress.parse(text), text);
        }
    }

    @Test
    void shouldKnowWhatCoversWhat() {
        assertTrue(HostSet.of("10.0.0.0/8", "::/0").covers(HostSet.of("10.1.0.0/16", "2001:db8::1")));
        assertFalse(HostSet.of("10.0.0.0/8").covers(HostSet.of("10.1.0.0/16", "11.0.0.1")));
        assertFalse(HostSet.of("::/0").covers(HostSet.of("11.0.0.1")));
        assertFalse(HostSet.of("10.1.0.0/16").covers(HostSet.of("10.0.0.0/8")));
    }
}
