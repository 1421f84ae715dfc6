package org.amverdict.telemetry;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.amverdict.history.RecentDrop;
import org.amverdict.history.Session;
import org.amverdict.packet.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * What the status page asks of the remembered requests and drops. A value that makes no sense is as none, since a reader
 * types it letter by letter. Immutable.
 *
 * @param text every word of it occurs in what is listed; in lower case
 * @param host an address, or the beginning of one; empty for all
 * @param failed only requests that failed
 * @param before only requests with a smaller number
 * @param dropsFrom how many of the newest drops to leave out
 */
public record StatusQuery(String text, String host, boolean failed, long before, int dropsFrom) {
    /** Longer texts are cut: nobody types them. */
    static final int TEXT_MAX = 200;

    private static final int DIGITS_MAX = 9;

    /** Reads {@code text, host, failed, before} and {@code drops_from}. */
    static StatusQuery of(final Map<String, String> parameters) {
        final String host = cut(parameters.getOrDefault("host", "").strip());
        final IpAddress address = IpAddress.parse(host);
        return new StatusQuery(
                cut(parameters.getOrDefault("text", ""))
                        .toLowerCase(Locale.ROOT)
                        .strip(),
                address == null ? host.toLowerCase(Locale.ROOT) : address.toString(),
                "true".equals(parameters.get("failed")),
                number(parameters.get("before"), Long.MAX_VALUE),
                (int) number(parameters.get("drops_from"), 0));
    }

    private static String cut(final String text) {
        return text.substring(0, Math.min(TEXT_MAX, text.length()));
    }

    private static long number(final @Nullable String text, final long otherwise) {
        return text != null && text.matches("[0-9]{1," + DIGITS_MAX + "}") ? Long.parseLong(text) : otherwise;
    }

    /** Whether the session is one of those asked for, whatever its number. */
    boolean matches(final Session session) {
        if ((failed && !session.failed()) || !isOf(List.of(session.requester(), session.responder()))) {
            return false;
        }
        if (text.isEmpty()) {
            return true;
        }
        final StringBuilder all = new StringBuilder();
        all.append(session.requester()).append(' ').append(session.responder()).append(' ');
        all.append(session.service())
                .append(' ')
                .append(session.outcome().label())
                .append(' ');
        all.append(session.explanation()).append(' ').append(session.text()).append(' ');
        all.append("level ").append(session.level());
        session.disks().forEach(disk -> all.append(' ').append(disk));
        session.streams()
                .forEach(stream -> all.append(' ')
                        .append(stream.name())
                        .append(' ')
                        .append(stream.port())
                        .append(": ")
                        .append(stream.explanation()));
        return containsText(all);
    }

    /** Whether the drop is one of those asked for. */
    boolean matches(final RecentDrop drop) {
        return isOf(List.of(drop.source(), drop.destination()))
                && (text.isEmpty()
                        || containsText(new StringBuilder(drop.protocol())
                                .append(' ')
                                .append(drop.source())
                                .append(' ')
                                .append(drop.sourcePort())
                                .append(' ')
                                .append(drop.destination())
                                .append(' ')
                                .append(drop.destinationPort())
                                .append(' ')
                                .append(drop.reason())
                                .append(' ')
                                .append(drop.explanation())));
    }

    private boolean isOf(final List<String> addresses) {
        final boolean whole = IpAddress.parse(host) != null;
        return addresses.stream().anyMatch(each -> whole ? each.equals(host) : each.startsWith(host));
    }

    private boolean containsText(final StringBuilder all) {
        final String searched = all.toString().toLowerCase(Locale.ROOT);
        for (final String word : text.split("\\s+", -1)) {
            if (!searched.contains(word)) {
                return false;
            }
        }
        return true;
    }
}
