package org.amverdict.events;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.amverdict.packet.IpAddress;
import org.amverdict.packet.PacketView;
import org.jspecify.annotations.Nullable;

/**
 * The Community ID of a connection, version 1 with seed 0 (github.com/corelight/community-id-spec): the same for both
 * directions, and the same as Zeek, Suricata and Wireshark compute, so that their records and these can be joined.
 * Stateless; any thread.
 */
public final class CommunityId {
    private static final String VERSION = "1:";
    private static final int SEED_BYTES = 2;
    private static final int ADDRESS_BYTES = 16;
    /** Seed, two addresses, protocol, padding, two ports. */
    private static final int INPUT_MAX = SEED_BYTES + 2 * ADDRESS_BYTES + 2 + 2 * Short.BYTES;

    private CommunityId() {}

    /**
     * The identifier.
     *
     * @param protocol number of IANA
     * @return null where the specification needs what is not recorded: type and code of ICMP, or the ports of a fragment
     */
    public static @Nullable String of(final Ends ends, final int protocol) {
        if (protocol == PacketView.PROTOCOL_ICMP || protocol == PacketView.PROTOCOL_ICMPV6) {
            return null;
        }
        final boolean hasPorts = protocol == PacketView.PROTOCOL_TCP || protocol == PacketView.PROTOCOL_UDP;
        if (hasPorts && ends.sourcePort() == 0 && ends.destinationPort() == 0) {
            return null;
        }
        final Ends ordered = isOrdered(ends) ? ends : ends.reversed();
        final ByteBuffer input = ByteBuffer.allocate(INPUT_MAX);
        input.putShort((short) 0);
        put(input, ordered.source());
        put(input, ordered.destination());
        input.put((byte) protocol).put((byte) 0);
        if (hasPorts) {
            input.putShort((short) ordered.sourcePort()).putShort((short) ordered.destinationPort());
        }
        return VERSION + Base64.getEncoder().encodeToString(sha1(input.flip()));
    }

    /** Whether the smaller end, by address and then port, is the source. */
    private static boolean isOrdered(final Ends ends) {
        final int high =
                Long.compareUnsigned(ends.source().high(), ends.destination().high());
        final int address = high != 0
                ? high
                : Long.compareUnsigned(ends.source().low(), ends.destination().low());
        return address < 0 || (address == 0 && ends.sourcePort() <= ends.destinationPort());
    }

    private static void put(final ByteBuffer input, final IpAddress address) {
        if (address.isIpv4()) {
            input.putInt((int) address.low());
        } else {
            input.putLong(address.high()).putLong(address.low());
        }
    }

    private static byte[] sha1(final ByteBuffer input) {
        try {
            final MessageDigest digest = MessageDigest.getInstance("SHA-1");
            digest.update(input);
            return digest.digest();
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }
}
