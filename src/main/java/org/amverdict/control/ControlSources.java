package org.amverdict.control;

import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.amverdict.events.EventFeed;
import org.amverdict.history.DropHistory;
import org.amverdict.history.SessionHistory;
import org.amverdict.history.Why;
import org.amverdict.track.ExpectationTable;

/**
 * The data sources of the control socket. All but {@code reload} are called from the server's thread, so it must be
 * quick.
 *
 * @param status the current status, one line of JSON as status.schema.json says
 * @param history what happened
 * @param events the events as they happen
 * @param expectations the table, to list
 * @param flush revokes all unused ones and returns how many
 * @param reload reloads the configuration and returns the outcome; called from its own thread, one at a time
 */
public record ControlSources(
        Supplier<String> status,
        History history,
        EventFeed events,
        ExpectationTable expectations,
        IntSupplier flush,
        Supplier<ReloadOutcome> reload) {
    /**
     * What happened.
     *
     * @param sessions the recent transactions
     * @param drops the recent drops
     * @param why answers to "was it the firewall?"
     */
    public record History(SessionHistory sessions, DropHistory drops, Why why) {}
}
