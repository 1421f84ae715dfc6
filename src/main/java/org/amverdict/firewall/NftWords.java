package org.amverdict.firewall;

import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import org.amverdict.firewall.Matches.Word;
import org.jspecify.annotations.Nullable;

/**
 * An expression of nft over a word of bits: a mark, a state, flags of TCP, with {@code & | ^ << >>}.
 *
 * @param word the expression; null if it is not read
 * @param base which word it is about, for the names of its bits; null if it is about none
 */
record NftWords(@Nullable Word word, @Nullable Word base) {
    private static final NftWords NONE = new NftWords(null, null);
    private static final int DEPTH_MAX = 20;

    static NftWords of(final @Nullable Object expression) {
        final Word base = base(expression, 0);
        return base == null ? NONE : new NftWords(read(expression, base, 0), base);
    }

    /** Whether its bits have names, so that a plain value means one of them. */
    boolean named() {
        return base == Words.STATE || base == Words.STATUS_OF_CONNECTION || base == Words.TCP_FLAGS;
    }

    /** A value that the expression is compared with or set to; null if it is not read. */
    @Nullable Word value(final @Nullable Object expression) {
        return base == null ? null : read(expression, base, 0);
    }

    private static @Nullable Word base(final @Nullable Object expression, final int depth) {
        final Word leaf = leaf(NftJson.map(expression));
        if (leaf != null || depth > DEPTH_MAX) {
            return leaf;
        }
        for (final Object operands : NftJson.map(expression).values()) {
            for (final Object operand : NftJson.list(operands)) {
                final Word found = base(operand, depth + 1);
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    private static @Nullable Word leaf(final Map<?, ?> expression) {
        final Map<?, ?> conntrack = NftJson.map(expression.get("ct"));
        if (!conntrack.isEmpty()) {
            return conntrack.get("dir") != null
                    ? null
                    : switch (NftJson.text(conntrack, "key")) {
                        case "state" -> Words.STATE;
                        case "status" -> Words.STATUS_OF_CONNECTION;
                        case "mark" -> Words.CONNECTION_MARK;
                        default -> null;
                    };
        }
        if (NftJson.text(NftJson.map(expression.get("meta")), "key").equals("mark")) {
            return Words.MARK;
        }
        final Map<?, ?> payload = NftJson.map(expression.get("payload"));
        return NftJson.text(payload, "protocol").equals("tcp")
                        && NftJson.text(payload, "field").equals("flags")
                ? Words.TCP_FLAGS
                : null;
    }

    private static @Nullable Word read(final @Nullable Object expression, final Word base, final int depth) {
        final Word leaf = leaf(NftJson.map(expression));
        if (leaf != null || depth > DEPTH_MAX) {
            return leaf;
        }
        if (expression instanceof List<?> list) {
            return joined(list, Bits::or, base, depth);
        }
        if (expression instanceof Map<?, ?> map && map.size() == 1) {
            final Map.Entry<?, ?> entry = map.entrySet().iterator().next();
            final List<?> operands = NftJson.list(entry.getValue());
            return switch (String.valueOf(entry.getKey())) {
                case "|" -> joined(operands, Bits::or, base, depth);
                case "&" -> joined(operands, Bits::and, base, depth);
                case "^" -> joined(operands, Bits::xor, base, depth);
                case "<<" -> shifted(operands, base, depth, true);
                case ">>" -> shifted(operands, base, depth, false);
                default -> null;
            };
        }
        Long number = NftJson.number(expression);
        if (number == null && expression instanceof String name) {
            number = Words.bit(base, name);
        }
        final Long constant = number;
        return constant == null ? null : sight -> Bits.of(constant);
    }

    private static @Nullable Word joined(
            final List<?> operands, final BinaryOperator<Bits> operator, final Word base, final int depth) {
        Word all = null;
        for (final Object operand : operands) {
            final Word one = read(operand, base, depth + 1);
            if (one == null) {
                return null;
            }
            final Word before = all;
            all = before == null ? one : sight -> operator.apply(before.of(sight), one.of(sight));
        }
        return all;
    }

    private static @Nullable Word shifted(
            final List<?> operands, final Word base, final int depth, final boolean left) {
        final Long count = operands.size() == 2 ? NftJson.number(operands.get(1)) : null;
        final Word word = count == null ? null : read(operands.get(0), base, depth + 1);
        if (count == null || word == null || count >= Integer.SIZE) {
            return null;
        }
        final int bits = count.intValue();
        return sight -> left ? word.of(sight).shiftedLeft(bits) : word.of(sight).shiftedRight(bits);
    }
}
