package org.amverdict.firewall;

import java.util.Locale;
import java.util.Map;
import org.amverdict.firewall.Matches.Word;
import org.amverdict.firewall.ProbePacket.State;
import org.jspecify.annotations.Nullable;

/** Words of bits that rules compare, and the names of their bits, as nft and iptables print them. Stateless. */
final class Words {
    /** Bits of enum ip_conntrack_info as rules see them: nf_conntrack_common.h, NF_CT_STATE_BIT. */
    private static final Map<String, Long> STATES =
            Map.of("invalid", 1L, "established", 2L, "related", 4L, "new", 8L, "untracked", 64L);
    /** Bits of enum ip_conntrack_status. */
    private static final Map<String, Long> STATUS = Map.of(
            "expected", 1L,
            "seen-reply", 2L,
            "assured", 4L,
            "confirmed", 8L,
            "snat", 16L,
            "dnat", 32L,
            "dying", 512L);
    /** Bits of the TCP header. */
    private static final Map<String, Long> FLAGS = Map.of(
            "fin", 1L, "syn", 2L, "rst", 4L, "psh", 8L, "ack", 16L, "urg", 32L, "ecn", 64L, "cwr", 128L, "ece", 64L);

    private static final long SYN = 2;
    private static final long ACK = 16;
    /** PSH varies in established connections. */
    private static final long VARYING = 8;
    /** A SYN may offer ECN, and later packets report it. */
    private static final long ECN = 192;

    private static final long SNAT = 16;
    private static final long DNAT = 32;
    private static final long ASSURED = 4;

    static final Word STATE = Words::state;
    static final Word STATUS_OF_CONNECTION = Words::status;
    static final Word TCP_FLAGS = Words::flags;
    static final Word MARK = Sight::mark;
    static final Word CONNECTION_MARK = Sight::connectionMark;

    private Words() {}

    /** The bit of that name; null if there is none. */
    static @Nullable Long bit(final Word word, final String name) {
        final String lower = name.toLowerCase(Locale.ROOT).replace('_', '-');
        final Map<String, Long> names =
                word == STATE ? STATES : word == STATUS_OF_CONNECTION ? STATUS : word == TCP_FLAGS ? FLAGS : Map.of();
        return names.get(lower);
    }

    private static Bits state(final Sight sight) {
        final Bits tracked = one(sight.packet.state().name().toLowerCase(Locale.ROOT));
        return switch (sight.hasConnection()) {
            case YES -> tracked;
            // Before conntrack has seen a packet, its state is invalid.
            case NO ->
                switch (sight.isUntracked()) {
                    case NO -> one("invalid");
                    case YES -> one("untracked");
                    case PERHAPS -> Bits.UNKNOWN;
                };
            case PERHAPS -> Bits.UNKNOWN;
        };
    }

    private static Bits one(final String state) {
        return Bits.of(STATES.getOrDefault(state, 0L));
    }

    private static Bits status(final Sight sight) {
        if (sight.hasConnection() != Certainty.YES) {
            return Bits.UNKNOWN;
        }
        final State state = sight.packet.state();
        final long set = switch (state) {
            case NEW -> 0;
            case RELATED -> 1;
            case ESTABLISHED -> 10;
        };
        final Bits known = Bits.of(set).without(SNAT | (state == State.ESTABLISHED ? ASSURED | 1 : 0));
        return switch (sight.translated()) {
            case NO -> known;
            case YES -> known.or(Bits.of(DNAT));
            case PERHAPS -> known.without(DNAT);
        };
    }

    private static Bits flags(final Sight sight) {
        return sight.packet.state() == State.ESTABLISHED
                ? Bits.of(ACK).without(VARYING | ECN)
                : Bits.of(SYN).without(ECN);
    }
}
