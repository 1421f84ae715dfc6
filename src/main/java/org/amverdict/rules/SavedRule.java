package org.amverdict.rules;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A rule in the words of iptables-save, brought into one form: iptables-save writes the addresses, interfaces and
 * protocol first, prefix lengths always, and marks in hexadecimal, whatever the rule was made from. Stateless.
 */
final class SavedRule {
    /** What iptables-save writes first, in its order; the value follows. */
    private static final List<String> FIRST = List.of("-s", "-d", "-i", "-o", "-p");

    private static final Pattern WORD = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"|\\S+");
    private static final Pattern HOST = Pattern.compile("([0-9.]+)/32|([0-9a-f:.]+)/128");
    private static final Pattern MARK = Pattern.compile("(0[xX][0-9a-fA-F]+|[0-9]+)(?:/(0[xX][0-9a-fA-F]+))?");
    private static final List<String> MARKS = List.of("--mark", "--set-xmark", "--set-mark", "--nfmask", "--ctmask");
    private static final String ALL_BITS = "0xffffffff";

    private SavedRule() {}

    /** The words of a rule; one in quotes stays one. */
    static List<String> words(final String rule) {
        final List<String> words = new ArrayList<>();
        final Matcher word = WORD.matcher(rule);
        while (word.find()) {
            words.add(word.group());
        }
        return words;
    }

    /** The chain that the rule jumps or goes to, or its target; empty if it has none. */
    static String target(final List<String> words) {
        for (int i = 0; i + 1 < words.size(); i++) {
            if (words.get(i).equals("-j") || words.get(i).equals("-g")) {
                return words.get(i + 1);
            }
        }
        return "";
    }

    /** The rule in that form; two rules with the same matches in the same order and the same target have the same. */
    static String normal(final String rule) {
        final List<String> words = words(rule);
        final String[] first = new String[FIRST.size()];
        Arrays.fill(first, "");
        final StringBuilder rest = new StringBuilder();
        String before = "";
        boolean not = false;
        for (int i = 0; i < words.size(); i++) {
            final String word = words.get(i);
            if (word.equals("!")) {
                not = true;
                continue;
            }
            final int place = FIRST.indexOf(word);
            final String sign = not ? "! " : "";
            not = false;
            if (place >= 0 && i + 1 < words.size()) {
                i++;
                first[place] = sign + word + " " + value(word, words.get(i)) + " ";
            } else {
                rest.append(sign).append(value(before, word)).append(' ');
            }
            before = word;
        }
        return (String.join("", first) + rest).strip();
    }

    private static String value(final String option, final String written) {
        final String word = written.length() > 1 && written.startsWith("\"") && written.indexOf(' ') < 0
                ? written.substring(1, written.length() - 1)
                : written;
        if (MARKS.contains(option)) {
            return mark(word);
        }
        if (option.equals("--ctstate")) {
            return String.join(",", Arrays.stream(word.split(",", -1)).sorted().toList());
        }
        final Matcher host = HOST.matcher(word);
        return host.matches() ? word.substring(0, word.lastIndexOf('/')) : word;
    }

    private static String mark(final String word) {
        final Matcher mark = MARK.matcher(word);
        if (!mark.matches()) {
            return word;
        }
        final String mask = mark.group(2);
        return hex(mark.group(1)) + (mask == null || mask.equals(ALL_BITS) ? "" : "/" + hex(mask));
    }

    private static String hex(final String number) {
        try {
            return "0x" + Long.toHexString(Long.decode(number));
        } catch (final NumberFormatException e) {
            return number;
        }
    }
}
