package org.amverdict.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Objects;
import org.amverdict.packet.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The specification's own vectors, baseline_deflt.json (seed 0), for the protocols that the program meets. */
final class CommunityIdTest {
    private static Ends ends(final String source, final int sourcePort, final String destination, final int port) {
        return new Ends(
                Objects.requireNonNull(IpAddress.parse(source)),
                sourcePort,
                Objects.requireNonNull(IpAddress.parse(destination)),
                port);
    }

    @ParameterizedTest
    @CsvSource({
        "6, 128.232.110.120, 34855, 66.35.250.204, 80, 1:LQU9qZlK+B5F3KDmev6m5PMibrg=",
        "17, 192.168.1.52, 54585, 8.8.8.8, 53, 1:d/FP5EW3wiY1vCndhwleRRKHowQ=",
        "6, 2001:470:e5bf:dead:4957:2174:e82c:4887, 63943, 2607:f8b0:400c:c03::1a, 25, 1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=",
        "46, 10.1.12.1, 0, 10.1.12.2, 0, 1:KHlLkgoJW7ifUTyTSgyVfkFHzKw="
    })
    void shouldGiveTheVectorsOfTheSpecificationInBothDirections(
            final int protocol,
            final String source,
            final int sourcePort,
            final String destination,
            final int port,
            final String expected) {
        final Ends ends = ends(source, sourcePort, destination, port);

        assertEquals(expected, CommunityId.of(ends, protocol));
        assertEquals(expected, CommunityId.of(ends.reversed(), protocol));
    }

    /** One host talks to itself: the ports decide the order. */
    @Test
    void shouldOrderByPortWhereTheAddressesAreEqual() {
        final Ends ends = ends("192.0.2.1", 50_000, "192.0.2.1", 10_080);

        assertEquals(CommunityId.of(ends, 6), CommunityId.of(ends.reversed(), 6));
    }

    /** Ports above 32767 and addresses above 127.255.255.255 are not negative numbers. */
    @Test
    void shouldTakeAddressesAndPortsAsUnsigned() {
        final Ends ends = ends("10.0.0.1", 65_535, "203.0.113.7", 1);

        assertEquals(CommunityId.of(ends, 17), CommunityId.of(ends.reversed(), 17));
        assertEquals("1:1Eq/1JqyXJqxXxP5SXg1C8SLjpA=", CommunityId.of(ends, 17));
    }

    @Test
    void shouldGiveNoneWhereItsInputIsNotKnown() {
        assertNull(CommunityId.of(ends("192.0.2.1", 0, "192.0.2.2", 0), 1));
        assertNull(CommunityId.of(ends("2001:db8::1", 0, "2001:db8::2", 0), 58));
        assertNull(CommunityId.of(ends("192.0.2.1", 0, "192.0.2.2", 0), 6));
    }
}
