package org.amverdict.track;

import java.util.List;
import java.util.function.Function;
import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.Service;

/**
 * A count by one closed list, such as the refused replies by the check they failed. One declaration here is all that its
 * figure needs, besides one {@code count} where it happens: a judge calls {@code EngineCounters}, a table
 * {@link TableCounters}. Metrics, status and the event {@code stats} take names, places and text from it. Immutable.
 *
 * @param <T> the closed list
 */
public final class Tally<T extends Enum<T>> {
    /** Where the next one's numbers begin; grows while the class is loaded. */
    private static int slots;

    public static final Tally<Refusal> REPLIES_REFUSED = new Tally<>(
            "amverdict_replies_refused_total",
            "Replies that opened nothing, by the check they failed.",
            new Label<>("why", Refusal.values(), Refusal::label).without(Refusal.NONE),
            "exchanges.replies_refused[why]?.count",
            "replies_refused.{why}?");

    public static final Tally<Service> REQUESTS_UNANSWERED = new Tally<>(
            "amverdict_requests_unanswered_total",
            "Requests that got no reply within Amanda's waiting time.",
            new Label<>("service", Service.values(), Service::label),
            "exchanges.requests_unanswered[service]?.count",
            "");

    private static final List<Tally<?>> ALL = List.of(REPLIES_REFUSED, REQUESTS_UNANSWERED);

    /**
     * The label of the series.
     *
     * @param key its name
     * @param values the constants that have a series; of the others nothing is shown
     * @param text how a constant is published
     */
    public record Label<T extends Enum<T>>(String key, List<T> values, Function<T, String> text) {
        Label(final String key, final T[] values, final Function<T, String> text) {
            this(key, List.of(values), text);
        }

        Label<T> without(final T constant) {
            return new Label<>(
                    key, values.stream().filter(each -> each != constant).toList(), text);
        }

        private int count() {
            return values.get(0).getDeclaringClass().getEnumConstants().length;
        }
    }

    private final String metric;
    private final String help;
    private final Label<T> label;
    private final String status;
    private final String stats;
    private final int first;

    private Tally(
            final String metric, final String help, final Label<T> label, final String status, final String stats) {
        this.metric = metric;
        this.help = help;
        this.label = label;
        this.status = status;
        this.stats = stats;
        first = slots;
        slots += label.count();
    }

    /** All of them, in the order of the fields in JSON. */
    public static List<Tally<?>> all() {
        return ALL;
    }

    /** Numbers that one who counts keeps for all of them. */
    public static int slots() {
        return slots;
    }

    /** Which of the {@link #slots} is that constant's. */
    public int slot(final T constant) {
        return first + constant.ordinal();
    }

    /** Name of the metric, a counter. */
    public String metric() {
        return metric;
    }

    /** Text of the metric: one sentence. */
    public String help() {
        return help;
    }

    public Label<T> label() {
        return label;
    }

    /** Its place in the status; empty if it is not there. */
    public String status() {
        return status;
    }

    /** Its place in the event {@code stats}; empty if it is not there. */
    public String stats() {
        return stats;
    }
}
