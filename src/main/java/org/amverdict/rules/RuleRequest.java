package org.amverdict.rules;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.amverdict.policy.PortSet;
import org.amverdict.rules.RuleOptions.At;
import org.amverdict.rules.RuleOptions.Fanout;
import org.amverdict.rules.RuleOptions.Placement;
import org.amverdict.rules.RuleSet.Format;

/**
 * The rules that were asked for, in words of the command line. Immutable.
 *
 * @param format the tool
 * @param options the kind of rules
 */
public record RuleRequest(Format format, RuleOptions options) {
    /** Option for the tool. */
    public static final String FORMAT = "--format";
    /** Option for the place. */
    public static final String AT = "--at";
    /** Option for how much is queued. */
    public static final String PLACEMENT = "--placement";
    /** Option to pass packets while the program is not running. */
    public static final String BYPASS = "--bypass";
    /** Option to spread packets by processor. */
    public static final String CPU_FANOUT = "--queue-cpu-fanout";
    /** Option for ports that are left to other rules. */
    public static final String EXCEPT = "--except";
    /** Option for a mark of packets that pass. */
    public static final String PASS_MARK = "--pass-mark";

    private static final List<String> VALUED = List.of(FORMAT, AT, PLACEMENT, EXCEPT, PASS_MARK);

    /** The options that make these rules; those with their usual value are left out. */
    public List<String> words() {
        final List<String> words =
                new ArrayList<>(List.of(FORMAT, format.label(), AT, options.at().label()));
        words.addAll(List.of(PLACEMENT, options.placement().label()));
        if (options.bypass()) {
            words.add(BYPASS);
        }
        if (options.fanout() == Fanout.PROCESSOR) {
            words.add(CPU_FANOUT);
        }
        final PortSet except = options.except();
        if (except != null) {
            words.addAll(List.of(EXCEPT, except.toString()));
        }
        if (options.passMark() != 0) {
            words.addAll(List.of(PASS_MARK, "0x" + Long.toHexString(options.passMark())));
        }
        return words;
    }

    @Override
    public String toString() {
        return String.join(" ", words());
    }

    /**
     * Reads {@link #words()} back.
     *
     * @throws IllegalArgumentException names the word that is wrong
     */
    public static RuleRequest parse(final List<String> words) {
        final Map<String, String> values = new HashMap<>();
        for (final Iterator<String> word = words.iterator(); word.hasNext(); ) {
            final String option = word.next();
            final boolean flag = option.equals(BYPASS) || option.equals(CPU_FANOUT);
            if (!flag && !(VALUED.contains(option) && word.hasNext())) {
                throw new IllegalArgumentException("'" + option + "' is not an option of rules, or has no value");
            }
            values.put(option, flag ? "" : word.next());
        }
        final String except = values.get(EXCEPT);
        return new RuleRequest(
                labelled(Format.values(), Format::label, values.getOrDefault(FORMAT, "")),
                new RuleOptions(
                        labelled(At.values(), At::label, values.getOrDefault(AT, At.FORWARD.label())),
                        labelled(
                                Placement.values(),
                                Placement::label,
                                values.getOrDefault(PLACEMENT, Placement.GATE.label())),
                        values.containsKey(BYPASS),
                        values.containsKey(CPU_FANOUT) ? Fanout.PROCESSOR : Fanout.HOST_PAIR,
                        except == null ? null : PortSet.parse(except),
                        Long.decode(values.getOrDefault(PASS_MARK, "0"))));
    }

    private static <T> T labelled(final T[] all, final Function<T, String> label, final String word) {
        return Arrays.stream(all)
                .filter(one -> label.apply(one).equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + word + "' is no value of that option"));
    }
}
