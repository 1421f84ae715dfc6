package org.amverdict.packet;

/** Checks that IPv4 and IPv6 fragments share. */
final class Fragments {
    private static final int DATAGRAM_MAX = 65_535;

    private Fragments() {}

    /**
     * Checks the place of a fragment in its datagram (RFC 791 3.2, RFC 8200 4.5).
     *
     * @param offsetBytes place of its first byte in the reassembled payload
     * @param more whether others follow it
     * @param length bytes of reassembled payload that it carries
     */
    static int check(final int offsetBytes, final boolean more, final int length) {
        if (length <= 0 || offsetBytes + length > DATAGRAM_MAX || (more && (length & 7) != 0)) {
            return DecodeStatus.BAD_FRAGMENT;
        }
        return DecodeStatus.OK;
    }
}
