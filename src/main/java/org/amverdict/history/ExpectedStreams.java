package org.amverdict.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.LongSupplier;
import org.amverdict.events.Ends;
import org.amverdict.packet.Tuple;
import org.amverdict.track.ExpectationTable;

/** The connections that are expected now, from the table that admits them. Any thread. */
public final class ExpectedStreams {
    private final ExpectationTable table;
    private final LongSupplier nanoTime;

    /** @param nanoTime {@link System#nanoTime} */
    public ExpectedStreams(final ExpectationTable table, final LongSupplier nanoTime) {
        this.table = table;
        this.nanoTime = nanoTime;
    }

    /**
     * One of them.
     *
     * @param requester address of the host that will connect
     * @param responder address of the listener
     * @param stream DATA, MESG and so on
     * @param ageNanos since it was announced
     */
    public record Expected(String requester, String responder, int port, String stream, long ageNanos) {}

    /**
     * The expected connections at one moment.
     *
     * @param count the number of all
     * @param newest the last that were announced, newest first
     */
    public record View(int count, List<Expected> newest) {}

    /**
     * Reads the table.
     *
     * @param max most items of the list
     */
    public View now(final int max) {
        final long nowNanos = nanoTime.getAsLong();
        final Comparator<Expected> byAge =
                Comparator.comparingLong(Expected::ageNanos).thenComparingInt(Expected::port);
        final PriorityQueue<Expected> newest = new PriorityQueue<>(byAge.reversed());
        final int[] count = new int[1];
        table.forEach(expectation -> {
            // An expired one stays in the table until housekeeping gets to it.
            if (expectation.deadlineNanos() - nowNanos <= 0) {
                return;
            }
            final Tuple tuple = expectation.tuple();
            count[0]++;
            newest.add(new Expected(
                    Ends.of(tuple).source().toString(),
                    Ends.of(tuple).destination().toString(),
                    tuple.destinationPort(),
                    expectation.stream().name(),
                    Math.max(0, nowNanos - expectation.createdNanos())));
            if (newest.size() > max) {
                newest.remove();
            }
        });
        final List<Expected> sorted = new ArrayList<>(newest);
        sorted.sort(byAge);
        return new View(count[0], sorted);
    }
}
