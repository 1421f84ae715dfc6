package org.amverdict.firewall;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One place where a rule tests or sets a mark, read from the rule's text. Immutable.
 *
 * @param kind what it does to which mark
 * @param bits those that it names; of a whole word those of its value
 * @param whole it is about all 32 bits of the word, whatever their value
 */
public record MarkUse(Kind kind, long bits, boolean whole) {
    /** What a rule does to which mark. */
    public enum Kind {
        TESTS_PACKET("tests", "packet"),
        SETS_PACKET("sets", "packet"),
        /** The packet gets the bits of the connection. */
        RESTORES_PACKET("overwrites", "packet"),
        TESTS_CONNECTION("tests", "connection"),
        SETS_CONNECTION("sets", "connection"),
        /** The connection gets the bits of the packet. */
        SAVES_CONNECTION("overwrites", "connection");

        private final String verb;
        private final String owner;

        Kind(final String verb, final String owner) {
            this.verb = verb;
            this.owner = owner;
        }

        private static Kind of(final boolean connection, final boolean set) {
            return connection ? set ? SETS_CONNECTION : TESTS_CONNECTION : set ? SETS_PACKET : TESTS_PACKET;
        }

        /** For the reader. */
        public String verb() {
            return verb;
        }

        /** For the reader. */
        public String owner() {
            return owner;
        }
    }

    private static final Pattern QUOTED = Pattern.compile("\"(\\\\.|[^\"\\\\])*\"");
    private static final Set<String> NUMBERS =
            Set.of("--mark", "--set-xmark", "--set-mark", "--or-mark", "--xor-mark", "--tproxy-mark");

    private static final Map<String, Kind> COPIES =
            Map.of("--restore-mark", Kind.RESTORES_PACKET, "--save-mark", Kind.SAVES_CONNECTION);

    /** As {@link NftJson#shown} writes them: "& {ct mark, 255}", "ct mark set 7", "mark != 7". */
    private static final Pattern OF_NFT = Pattern.compile(
            "(?<!\\w)(ct )?mark (set )?(?:!= )?([0-9]+|\\{[0-9, ]+\\}|ct mark|mark)|([&|^]) \\{(ct )?mark, ([0-9]+)\\}");

    private static final Pattern SECOND_OPERAND = Pattern.compile("\\}, ([0-9]+)\\}");

    /** All of a rule. */
    public static List<MarkUse> of(final Rule rule, final boolean nft) {
        return nft ? ofNft(rule.text()) : ofIptables(rule.text());
    }

    /** What a rule of {@code ip rule} tests. */
    public static MarkUse ofRouting(final long mark, final long mask) {
        return new MarkUse(Kind.TESTS_PACKET, mask == Bits.ALL ? mark : mask, mask == Bits.ALL);
    }

    private static List<MarkUse> ofIptables(final String rule) {
        final List<MarkUse> uses = new ArrayList<>();
        final String[] words = QUOTED.matcher(rule).replaceAll("-").split(" +", -1);
        String module = "";
        for (int i = 0; i < words.length; i++) {
            final String next = i + 1 < words.length ? words[i + 1] : "";
            if (words[i].equals("-m") || words[i].equals("-j")) {
                module = next;
                if (module.equals("HMARK")) {
                    uses.add(new MarkUse(Kind.SETS_PACKET, Bits.ALL, false));
                }
            }
            if (module.equals("CONNMARK") && COPIES.containsKey(words[i])) {
                uses.add(copy(COPIES.get(words[i]), words, i));
            }
            final MaskedNumber number = NUMBERS.contains(words[i]) ? MaskedNumber.parse(next) : null;
            if (number != null) {
                final boolean connection = module.toLowerCase(Locale.ROOT).equals("connmark");
                final boolean sets = module.equals(module.toUpperCase(Locale.ROOT));
                final boolean whole = number.mask() == Bits.ALL;
                uses.add(new MarkUse(
                        Kind.of(connection, sets),
                        whole || sets ? number.value() | (whole ? 0 : number.mask()) : number.mask(),
                        whole));
            }
        }
        return uses;
    }

    /** Only one of the two masks says which bits change: that of the mark that is written. */
    private static MarkUse copy(final Kind kind, final String[] words, final int option) {
        final String written = kind == Kind.RESTORES_PACKET ? "--nfmask" : "--ctmask";
        long mask = Bits.ALL;
        for (int i = option + 1; i + 1 < words.length; i++) {
            final MaskedNumber number =
                    words[i].equals(written) || words[i].equals("--mask") ? MaskedNumber.parse(words[i + 1]) : null;
            mask = number == null ? mask : number.value();
        }
        return new MarkUse(kind, mask == Bits.ALL ? 0 : mask, mask == Bits.ALL);
    }

    private static List<MarkUse> ofNft(final String rule) {
        final List<MarkUse> uses = new ArrayList<>();
        final Matcher found = OF_NFT.matcher(rule);
        while (found.find()) {
            final int set = rule.lastIndexOf("mark set ", found.start());
            if (found.group(3) != null) {
                final String value = found.group(3);
                final Kind kind = Kind.of(found.group(1) != null, found.group(2) != null);
                uses.add(new MarkUse(
                        kind == Kind.SETS_PACKET && value.equals("ct mark")
                                ? Kind.RESTORES_PACKET
                                : kind == Kind.SETS_CONNECTION && value.equals("mark") ? Kind.SAVES_CONNECTION : kind,
                        value.matches("[0-9]{1,10}") ? Long.parseLong(value) : 0,
                        true));
            } else if (set < 0) {
                uses.add(new MarkUse(Kind.of(found.group(5) != null, false), number(found.group(6)), false));
            } else {
                // Set to the mark with other bits: "mark set | {& {mark, 4294967040}, 1}".
                final long operand = number(found.group(6));
                final Matcher second = SECOND_OPERAND.matcher(rule.substring(set));
                final long bits = (found.group(4).equals("&") ? ~operand & Bits.ALL : operand)
                        | (second.find() ? number(second.group(1)) : 0);
                uses.add(new MarkUse(Kind.of(rule.startsWith("ct ", Math.max(0, set - 3)), true), bits, false));
            }
        }
        return uses;
    }

    private static long number(final String digits) {
        return digits.length() > 10 ? Bits.ALL : Long.parseLong(digits) & Bits.ALL;
    }
}
