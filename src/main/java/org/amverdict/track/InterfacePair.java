package org.amverdict.track;

/**
 * The two interfaces that an exchange uses, as one long: where the requester is (upper half) and where the responder
 * is. 0 is an unknown interface. Where a packet comes in is evidence of its sender, because it cannot be forged; where
 * it goes out is this host's own decision. So a packet must come in where those of the other direction go out, and
 * where packets go out is relearned when the routes change. An interface that is gone ({@link Interfaces}) is evidence
 * of nothing: the pair is relearned from a packet that comes in elsewhere and is right in everything else.
 */
public final class InterfacePair {
    /** Both sides are unknown. */
    public static final long UNKNOWN = 0;

    private InterfacePair() {}

    public static long of(final int requesterSide, final int responderSide) {
        return (long) requesterSide << Integer.SIZE | Integer.toUnsignedLong(responderSide);
    }

    /** Where the requester is, 0 if not known. */
    public static int requesterSide(final long sides) {
        return (int) (sides >>> Integer.SIZE);
    }

    /** Where the responder is, 0 if not known. */
    public static int responderSide(final long sides) {
        return (int) sides;
    }

    /** The same pair, as of a packet in the other direction. */
    static long reversed(final long sides) {
        return Long.rotateLeft(sides, Integer.SIZE);
    }

    /** Whether a packet of the requester that came in there fits. */
    public static boolean requesterFits(final long sides, final int inInterface) {
        return fits((int) (sides >>> Integer.SIZE), inInterface);
    }

    /** Whether a packet of the responder that came in there fits. */
    public static boolean responderFits(final long sides, final int inInterface) {
        return fits((int) sides, inInterface);
    }

    /** As {@link #requesterFits(long, int)}; an interface that is gone excludes no packet. */
    public static boolean requesterFits(final long sides, final int inInterface, final Interfaces interfaces) {
        return requesterFits(sides, inInterface) || !interfaces.exists((int) (sides >>> Integer.SIZE));
    }

    /** As {@link #responderFits(long, int)}; an interface that is gone excludes no packet. */
    public static boolean responderFits(final long sides, final int inInterface, final Interfaces interfaces) {
        return responderFits(sides, inInterface) || !interfaces.exists((int) sides);
    }

    private static boolean fits(final int known, final int inInterface) {
        return known == 0 || inInterface == 0 || known == inInterface;
    }

    /** The older sides, updated with the newer ones where those are known. */
    public static long learn(final long older, final long newer) {
        final int requesterSide = (int) (newer >>> Integer.SIZE);
        final int responderSide = (int) newer;
        return of(
                requesterSide == 0 ? (int) (older >>> Integer.SIZE) : requesterSide,
                responderSide == 0 ? (int) older : responderSide);
    }

    /** Whether both can be sides of one exchange. */
    public static boolean compatible(final long older, final long newer, final Interfaces interfaces) {
        return requesterFits(older, (int) (newer >>> Integer.SIZE), interfaces)
                && responderFits(older, (int) newer, interfaces);
    }
}
