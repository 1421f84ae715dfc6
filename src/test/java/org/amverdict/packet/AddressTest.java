package org.amverdict.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses from text and to text. */
class AddressTest {
    private static String canonical(final String text) {
        final long[] address = new long[2];
        assertTrue(AddressParser.parse(text, address), text);
        return text(address[0], address[1]);
    }

    private static String text(final long high, final long low) {
        final StringBuilder out = new StringBuilder();
        PacketPrinter.appendAddress(out, high, low);
        return out.toString();
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.10, 192.0.2.10",
        "0.0.0.0, 0.0.0.0",
        "255.255.255.255, 255.255.255.255",
        "::ffff:192.0.2.10, 192.0.2.10",
        "::FFFF:c000:20a, 192.0.2.10",
        "::, ::",
        "::1, ::1",
        "::ABCD:EF, ::abcd:ef",
        "::0.0.0.0, ::",
        "1::, 1::",
        "2001:db8::, 2001:db8::",
        "2001:0DB8:0000:0000:0000:0000:0000:0001, 2001:db8::1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:db8::1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
        "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
        "1:0:0:4:5:6:0:0, 1::4:5:6:0:0",
        "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
        "1:2:3:4:5:6:255.255.255.255, 1:2:3:4:5:6:ffff:ffff",
        "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
    })
    void shouldPrintTheCanonicalFormOfWhatItParses(final String text, final String canonical) {
        assertEquals(canonical, canonical(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                ".",
                ":",
                ":::",
                "1",
                "1.2.3",
                "1.2.3.4.5",
                "1.2.3.",
                ".1.2.3",
                "1..2.3",
                "256.0.0.1",
                "01.2.3.4",
                "1.2.3.04",
                "1.2.3.4 ",
                " 1.2.3.4",
                "1.2.3.0x4",
                "+1.2.3.4",
                "1.2.3.1234",
                "localhost",
                "1.2.3.4/24",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7:8::",
                "::1:2:3:4:5:6:7:8",
                "1::2::3",
                "::1::2",
                ":1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:",
                "::1:",
                ":1",
                "1:",
                "12345::",
                "::g",
                "fe80::1%eth0",
                "[::1]",
                "::1.2.3",
                "::1.2.3.4.5",
                "::1.2.3.4:5",
                "1.2.3.4::",
                "1:2:3:4:5:6:7:1.2.3.4",
                "::01.2.3.4",
                "::a.2.3.4",
                "1:2:3:4::5:6:7:8",
                "\uff11.2.3.4",
                "::\uff11",
                "0000000000000000000000000000000000000000000000:1",
                "1.2.3.4\0",
                "::1\n"
            })
    void shouldRefuseWhatIsNoAddress(final String text) {
        final long[] address = {7, 9};
        assertFalse(AddressParser.parse(text, address), text);
        assertArrayEquals(new long[] {7, 9}, address);
    }

    @Test
    void shouldParseWhatItPrints() {
        final long seed = Long.getLong("seed", System.nanoTime());
        final SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 20_000; i++) {
            final long high = sparse(random);
            final long low = i % 4 == 0 ? 0xffff_0000_0000L | (random.nextInt() & 0xffff_ffffL) : sparse(random);
            final long[] parsed = new long[2];
            assertTrue(AddressParser.parse(text(high, low), parsed), text(high, low) + " seed " + seed);
            assertArrayEquals(new long[] {high, low}, parsed, text(high, low) + " seed " + seed);
        }
    }

    /** Many groups are zero. */
    private static long sparse(final SplittableRandom random) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 16) {
            value |= random.nextInt(3) == 0 ? (random.nextLong() & 0xffff) << shift : 0;
        }
        return value;
    }
}
