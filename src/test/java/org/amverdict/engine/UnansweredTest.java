package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.amverdict.amanda.Service;
import org.amverdict.telemetry.Stage;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tally;
import org.junit.jupiter.api.Test;

/** A request that nobody answers is counted once, when its time is over. */
final class UnansweredTest {
    private final Stage stage = new Stage(null);

    private long unanswered(final Service service) {
        return stage.engine.tables().counters().of(Tally.REQUESTS_UNANSWERED, service);
    }

    @Test
    void shouldCountARequestWhoseTimeIsOver() {
        final Stage.Talk lost = stage.talk(1);
        lost.forth("REQ", EngineFixture.requestBody("sendsize"));
        lost.forth("REQ", EngineFixture.requestBody("sendsize"));
        lost.back("ACK", "");
        stage.talk(2).dump("/home", "1", "DATA 11001 MESG 11003 INDEX 11004");
        stage.keepHouse(Stage.SECOND);
        assertEquals(0, unanswered(Service.SENDSIZE), "it may yet be answered");

        stage.keepHouse(TableLimits.DEFAULTS.transactions().replyWithinNanos() + Stage.SECOND);
        stage.keepHouse(Stage.SECOND);

        assertEquals(1, unanswered(Service.SENDSIZE));
        assertEquals(0, unanswered(Service.SENDBACKUP), "that one was answered");
    }
}
