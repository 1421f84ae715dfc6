package org.amverdict.console;

import org.amverdict.json.JsonObject;
import org.amverdict.text.Printable;

/** What {@code amverdict expectations} prints for one announced connection. */
public final class ExpectationText {
    private ExpectationText() {}

    /** One line. */
    public static String line(final JsonObject expectation) {
        return Printable.ascii(expectation.text("requester") + " -> "
                + Units.end(expectation.text("responder"), expectation.number("port")) + "  "
                + expectation.text("stream") + "  announced " + Units.ago(expectation.decimal("age_seconds"))
                + ", expected for " + Units.duration(Math.ceil(expectation.decimal("remaining_seconds"))) + " more");
    }
}
