package org.amverdict.telemetry;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.history.ExpectedStreams;
import org.amverdict.history.RecentDrop;
import org.amverdict.history.Session;
import org.amverdict.packet.Tuple;
import org.amverdict.track.Announcement;
import org.amverdict.track.ExpectationTable;
import org.amverdict.track.Scratch;
import org.amverdict.track.TableCounters;

/** SessionLog and drops of a made-up night, some of them with what a hostile host would like to have on the page. */
final class SampleHistory {
    /** Ends the script that it lands in, and runs another where it is taken for markup. */
    static final String HOSTILE = "</script><img src=x onerror=\"window.hacked=1\"><b id=injected>&amp;";

    private static final long EPOCH_NANOS = 1_795_000_000_000_000_000L;
    private static final long SECOND = 1_000_000_000L;
    private static final long NOT_KNOWN = -1;

    private SampleHistory() {}

    /** @param count newest first, numbered from {@code count} down to 1 */
    static List<Session> sessions(final int count) {
        final List<Session> made = new ArrayList<>();
        for (int i = count; i >= 1; i--) {
            made.add(session(i));
        }
        return made;
    }

    private static Session session(final int number) {
        final Session.Outcome[] outcomes = Session.Outcome.values();
        final Session.Outcome outcome =
                number % 4 == 0 ? outcomes[number / 4 % outcomes.length] : Session.Outcome.REPLIED;
        final boolean streams = outcome == Session.Outcome.REPLIED;
        return new Session(
                number,
                number % 3 == 0 ? "2001:db8:1::10" : "192.0.2.10",
                844,
                number % 3 == 0 ? "2001:db8:2::" + number : "198.51.100." + number % 250,
                10080,
                number % 5 == 1 ? "selfcheck" : "sendbackup",
                "000-" + number,
                number == 2
                        ? List.of(HOSTILE)
                        : number == 3 ? Collections.nCopies(300, "/srv/" + number) : List.of("/home"),
                number % 5 == 1 ? null : "0",
                EPOCH_NANOS + number * SECOND,
                2_000_000,
                outcome == Session.Outcome.OPEN ? NOT_KNOWN : 41_000_000,
                outcome,
                outcome == Session.Outcome.REFUSED ? "port-not-allowed" : null,
                1,
                outcome == Session.Outcome.OPEN ? 0 : 1,
                streams,
                outcome == Session.Outcome.NAK ? "ERROR " + HOSTILE : null,
                outcome == Session.Outcome.NAK
                        ? "the client 198.51.100.20 refused it (NAK); it says: \"ERROR " + HOSTILE + "\""
                        : "answered after 41 ms",
                streams,
                outcome != Session.Outcome.OPEN
                        && (!streams || streams(number).stream().anyMatch(Session.Stream::failed)),
                streams ? streams(number) : List.of());
    }

    private static List<Session.Stream> streams(final int number) {
        return List.of(
                new Session.Stream(
                        "DATA",
                        11_000 + number,
                        Session.StreamState.CONNECTED,
                        400_000,
                        50_001,
                        0,
                        5_200,
                        7_512_345_678L,
                        NOT_KNOWN,
                        12 * SECOND,
                        "",
                        "connected 400 us after the REP, open, 7.5 GB (longest silence 12 s)"),
                new Session.Stream(
                        "MESG",
                        12_000 + number,
                        Session.StreamState.CLOSED,
                        500_000,
                        50_002,
                        0,
                        300,
                        9_000,
                        95 * SECOND,
                        61 * SECOND,
                        "finished",
                        "connected 500 us after the REP, 9.3 kB (longest silence 61 s), finished after 95 s"),
                new Session.Stream(
                        "STATE",
                        14_000 + number,
                        number % 2 == 0 ? Session.StreamState.NO_ANSWER : Session.StreamState.LET_THROUGH,
                        500_000,
                        50_003,
                        number % 2 == 0 ? 3 : 1,
                        NOT_KNOWN,
                        NOT_KNOWN,
                        NOT_KNOWN,
                        NOT_KNOWN,
                        "",
                        number % 2 == 0
                                ? "let through 3 times, the first 500 us after the REP, the last 3 min ago, and nobody"
                                        + " answered: look at the client 198.51.100.20 (does its own firewall let port "
                                        + (14_000 + number) + " in, does anything listen there)"
                                : "let through 500 us after the REP; no answer was seen yet"),
                new Session.Stream(
                        "INDEX",
                        13_000 + number,
                        number % 2 == 0 ? Session.StreamState.PENDING : Session.StreamState.NEVER,
                        NOT_KNOWN,
                        0,
                        0,
                        NOT_KNOWN,
                        NOT_KNOWN,
                        NOT_KNOWN,
                        NOT_KNOWN,
                        number % 2 == 0 ? "" : "expired",
                        number % 2 == 0
                                ? "announced 9 s ago; no SYN came yet"
                                : "announced 3 min ago, expired; no SYN reached the queue in that time"));
    }

    /** This many, one announced each second. */
    static ExpectedStreams expected(final int count) {
        final ExpectationTable table = new ExpectationTable(256, 256, 1, new TableCounters());
        final long server = 0xffff_c000_020aL;
        final long client = 0xffff_c633_6414L;
        final long now = 1000 * SECOND;
        for (int i = 0; i < count; i++) {
            table.expect(
                    new Scratch(),
                    new Tuple().set(0, server, 0, 0, client, 20_000 + i),
                    new Announcement()
                            .stream(StreamName.DATA)
                                    .service(Service.SENDBACKUP)
                                    .owner(i + 1)
                                    .until(now + 60 * SECOND),
                    now - (count - i) * SECOND);
        }
        return new ExpectedStreams(table, () -> now);
    }

    /** @param count newest first */
    static List<RecentDrop> drops(final int count) {
        final List<RecentDrop> made = new ArrayList<>();
        for (int i = count; i >= 1; i--) {
            made.add(new RecentDrop(
                    EPOCH_NANOS + i * SECOND,
                    "203.0.113." + i % 250,
                    40_000 + i,
                    i % 2 == 0 ? "2001:db8:2::20" : "198.51.100.20",
                    i % 7 == 0 ? 0 : 22,
                    i % 7 == 0 ? "ICMP" : "TCP",
                    i % 3 == 0 ? "continue" : "drop",
                    "unexpected",
                    "other-port",
                    i,
                    i == 2
                            ? "HANDLE " + HOSTILE
                            : "No reply has announced this port; the nearest that is expected is 11001 (DATA)."));
        }
        return made;
    }
}
