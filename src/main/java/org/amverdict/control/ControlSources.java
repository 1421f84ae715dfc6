package org.amverdict.control;

import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.amverdict.events.EventFeed;
import org.amverdict.history.DropHistory;
import org.amverdict.history.SessionHistory;
import org.amverdict.history.Why;
import org.amverdict.track.ExpectationTable;

/**
 * What the control socket answers from. All but {@code reload} is called from the server's thread, so it must be quick.
 *
 * @param status how things are now, one line of JSON as status.schema.json says
 * @param sessions the transactions of late
 * @param drops the drops of late
 * @param why answers to "was it the firewall?"
 * @param events what happens
 * @param expectations the table, to list
 * @param flush takes back all that are unused, and says how many
 * @param reload reads the configuration anew and says what came of it; called from a thread of its own, one at a time
 */
public record ControlSources(
        Supplier<String> status,
        SessionHistory sessions,
        DropHistory drops,
        Why why,
        EventFeed events,
        ExpectationTable expectations,
        IntSupplier flush,
        Supplier<ReloadOutcome> reload) {}
