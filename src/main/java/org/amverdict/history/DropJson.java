package org.amverdict.history;

import org.amverdict.json.JsonLine;

/** {@link RecentDrop} as JSON; resource org/amverdict/control/drop.schema.json describes the fields. */
public final class DropJson {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private DropJson() {}

    /** A separate object, on one line. */
    public static String write(final RecentDrop drop) {
        final JsonLine line = new JsonLine();
        add(line, drop);
        return line.end();
    }

    /** The fields, into the object that is open. */
    public static void add(final JsonLine line, final RecentDrop drop) {
        line.addTimestamp("last", drop.lastEpochNanos() / NANOS_PER_MILLI)
                .add("source", drop.source())
                .add("source_port", drop.sourcePort())
                .add("destination", drop.destination())
                .add("destination_port", drop.destinationPort())
                .add("proto", drop.protocol())
                .add("verdict", drop.verdict())
                .add("reason", drop.reason())
                .add("cause", drop.cause())
                .add("count", drop.count())
                .add("explanation", drop.explanation());
    }
}
