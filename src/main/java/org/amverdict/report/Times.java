package org.amverdict.report;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amverdict.packet.IpAddress;
import org.jspecify.annotations.Nullable;

/** Moments as people write them, and as the event files do. Stateless. */
public final class Times {
    private static final Pattern AGO = Pattern.compile("([0-9]{1,6}) ?(s|sec|m|min|h|d|days?|w|weeks?)( ago)?");
    private static final long DAYS_OF_WEEK = 7;

    private Times() {}

    /** Milliseconds since 1970 of a timestamp, 0 if it is none. */
    static long millis(final String timestamp) {
        try {
            return timestamp.isEmpty() ? 0 : Instant.parse(timestamp).toEpochMilli();
        } catch (final DateTimeException e) {
            return 0;
        }
    }

    /** A text that orders addresses by their value. */
    static String sortable(final String address) {
        final IpAddress parsed = IpAddress.parse(address);
        return parsed == null ? address : String.format(Locale.ROOT, "%016x%016x", parsed.high(), parsed.low());
    }

    /**
     * The beginning of a span: {@code 18:00} is the last one before now, {@code 2026-11-30} its first moment, {@code 12h}
     * that long before now.
     *
     * @param now in the zone of the user
     * @throws IllegalArgumentException with a message for the user
     */
    public static Instant since(final String text, final ZonedDateTime now) {
        final LocalTime time = time(text);
        if (time == null) {
            return moment(text, now);
        }
        final ZonedDateTime today = now.toLocalDate().atTime(time).atZone(now.getZone());
        return (today.isAfter(now) ? now.toLocalDate().minusDays(1).atTime(time).atZone(now.getZone()) : today)
                .toInstant();
    }

    /** The end of a span: {@code 06:00} is the first one after its beginning. */
    public static Instant until(final String text, final Instant since, final ZonedDateTime now) {
        final LocalTime time = time(text);
        if (time == null) {
            return moment(text, now);
        }
        final ZonedDateTime begin = since.atZone(now.getZone());
        final ZonedDateTime sameDay = begin.toLocalDate().atTime(time).atZone(now.getZone());
        return (sameDay.isAfter(begin)
                        ? sameDay
                        : begin.toLocalDate().plusDays(1).atTime(time).atZone(now.getZone()))
                .toInstant();
    }

    private static @Nullable LocalTime time(final String text) {
        try {
            return text.matches("[0-9]:.*") ? LocalTime.parse("0" + text) : LocalTime.parse(text);
        } catch (final DateTimeException e) {
            return null;
        }
    }

    private static Instant moment(final String text, final ZonedDateTime now) {
        final Matcher ago = AGO.matcher(text);
        if (ago.matches()) {
            return now.minus(duration(Long.parseLong(ago.group(1)), ago.group(2)))
                    .toInstant();
        }
        final String[] words = text.strip().split("[ T]+", 2);
        try {
            if (words.length == 2 && words[1].matches(".*(Z|[+-][0-9:]+)")) {
                return OffsetDateTime.parse(words[0] + "T" + words[1]).toInstant();
            }
            final LocalDate date = date(words[0], now.toLocalDate());
            final LocalTime time = words.length == 2 ? time(words[1]) : LocalTime.MIDNIGHT;
            if (time != null) {
                return LocalDateTime.of(date, time).atZone(now.getZone()).toInstant();
            }
        } catch (final DateTimeException e) {
            // Said below.
        }
        throw new IllegalArgumentException("\"" + text
                + "\" is no time; write 18:00, yesterday, 2026-11-30, \"2026-11-30 18:00\", or 12h for that long ago");
    }

    private static LocalDate date(final String text, final LocalDate today) {
        return switch (text) {
            case "today" -> today;
            case "yesterday" -> today.minusDays(1);
            default -> LocalDate.parse(text);
        };
    }

    private static Duration duration(final long count, final String unit) {
        return switch (unit.charAt(0)) {
            case 's' -> Duration.ofSeconds(count);
            case 'm' -> Duration.ofMinutes(count);
            case 'h' -> Duration.ofHours(count);
            case 'd' -> Duration.ofDays(count);
            default -> Duration.ofDays(count * DAYS_OF_WEEK);
        };
    }
}
