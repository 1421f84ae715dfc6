package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.amverdict.amanda.Service;
import org.amverdict.packet.TcpView;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.telemetry.Stage;
import org.amverdict.track.LineHits;
import org.amverdict.track.LineHits.Hit;
import org.junit.jupiter.api.Test;

/** Each line of {@code allow} counts what it lets in, once, whatever is repeated or reloaded. */
final class LineHitsTest {
    private static final int EVERY_SERVICE = -1;

    private static Allowance line(final String name, final String requester, final int services) {
        return new Allowance(
                name,
                HostSet.of(requester),
                HostSet.of(Stage.CLIENT),
                services,
                Policy.DEFAULT_STREAM_PORTS,
                (services & Service.AMINDEXD.bit()) != 0);
    }

    private static Stage stage(final Allowance... lines) {
        return Stage.of(Policy.of(List.of(lines)));
    }

    private static String hits(final Stage stage) {
        final LineHits lines = stage.engine.tables().lines();
        final List<String> all = new ArrayList<>();
        for (int place = 0; place < lines.names().size(); place++) {
            all.add(lines.names().get(place) + " " + lines.hits(place, Hit.REQUEST) + " "
                    + lines.hits(place, Hit.STREAM) + " " + lines.hits(place, Hit.CONNECTION));
        }
        return String.join(", ", all);
    }

    @Test
    void shouldCountForTheLineThatLetItInAndOnlyOnce() {
        final Stage stage = stage(
                line("sizes", Stage.SERVER, Service.SENDSIZE.bit()),
                line("dumps", Stage.SERVER, Service.SENDBACKUP.bit()),
                line("spare", Stage.SERVER, EVERY_SERVICE));

        final Stage.Talk talk = stage.talk(1).dump("/home", "1", "DATA 11001 MESG 11003 INDEX 11004");
        assertEquals("sizes 0 0 0, dumps 1 3 0, spare 0 0 0", hits(stage));

        talk.dump("/home", "1", "DATA 11001 MESG 11003 INDEX 11004");
        stage.carry(11001, 5);
        assertEquals("sizes 0 0 0, dumps 1 3 0, spare 0 0 0", hits(stage), "repetitions and packets count nothing");
    }

    @Test
    void shouldCountConnectionsWithoutAnnouncement() {
        final Stage stage = stage(line("all", Stage.SERVER, EVERY_SERVICE));

        stage.tcp(false, EngineFixture.CONTROL, TcpView.SYN, 1000, 0, 0);
        stage.tcp(false, EngineFixture.CONTROL, TcpView.SYN, 1000, 0, 0);

        assertEquals("all 0 0 1", hits(stage), "a repeated SYN is no second connection");
    }

    @Test
    void shouldCountNothingForWhatIsDropped() {
        final Stage stage = stage(line("sizes", Stage.SERVER, Service.SENDSIZE.bit()));

        stage.talk(1).forth("REQ", EngineFixture.requestBody("sendbackup"));
        stage.tcp(false, 22, TcpView.SYN, 1000, 0, 0);

        assertEquals("sizes 0 0 0", hits(stage));
    }

    @Test
    void shouldKeepTheCountsOfANameOverAReload() {
        final Stage stage = stage(line("one", Stage.SERVER, EVERY_SERVICE));
        stage.talk(1).dump("/home", "1", "DATA 11001 MESG 11003 INDEX 11004");

        stage.engine
                .engine()
                .settings(EngineFixture.settings(Policy.of(
                        List.of(line("new", "192.0.2.99", EVERY_SERVICE), line("one", Stage.SERVER, EVERY_SERVICE)))));
        stage.talk(2).dump("/home", "1", "DATA 12001 MESG 12003 INDEX 12004");

        assertEquals("one 2 6 0, new 0 0 0", hits(stage));
    }

    @Test
    void shouldCountOnlySoManyNamesOnTheirOwn() {
        final LineHits lines = new LineHits();
        final List<String> names = IntStream.range(0, LineHits.NAMES_MAX + 40)
                .mapToObj(each -> "line " + each)
                .toList();

        final int[] places = lines.placesOf(names);
        for (final int place : places) {
            lines.count(place, Hit.REQUEST, 1);
        }
        lines.placesOf(List.of("one more"));

        assertEquals(LineHits.NAMES_MAX + 1, lines.names().size());
        assertEquals(LineHits.OTHERS, lines.names().get(LineHits.NAMES_MAX));
        assertEquals(1, lines.hits(0, Hit.REQUEST));
        assertEquals(40, lines.hits(LineHits.NAMES_MAX, Hit.REQUEST));
    }
}
