package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amverdict.packet.TcpView;
import org.amverdict.track.TableLimits;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Old recovery with segments of any length in any order, repeated, overlapping and with other bytes the second time,
 * judged by any worker, against a model that looks at the whole text each time. {@code -Dseed=} gives another seed.
 */
@Tag("property")
final class LegacyRecoveryPropertyTest {
    private static final long SEED = Long.getLong("seed", 20_261_128);
    private static final long NOW = EngineFixture.SECOND;
    private static final Pattern END = Pattern.compile("(?:^|\n)(?:END\r|[0-9][^\n]*)\n");
    private static final Pattern LINE =
            Pattern.compile("^(?:[0-9a-f]{2})*(CONNECT (?:(0|[1-9][0-9]{0,4})\n)?)?", Pattern.DOTALL);

    private static final List<String> CLIENTS = List.of(
            LegacyConnection.CLIENT_TEXT,
            "SECURITY USER root\r\nEND\r\n",
            "SECURITY USER root\r\n6\r\n-h\r\n",
            "END\r\nOK\r\n",
            "XEND\r\nEND\n");
    private static final List<String> SERVERS = List.of(
            LegacyConnection.SERVER_TEXT,
            LegacyConnection.SERVER_TEXT + "FEEDME x\r\n",
            "CONNECT 50001\nCONNECT 50002\n",
            "ffffCONNECT 22\n",
            "0CONNECT 50093\n",
            "ffCONNECT 65536\nCONNECT 50093\n",
            "ffCONNECT 50093\r\n",
            "AMANDA: FILE\nCONNECT 50093\n");

    /** One direction: what was read of it, in the first copy of each byte. */
    private static final class Text {
        final String sent;
        String read = "";

        Text(final String sent) {
            this.sent = sent;
        }
    }

    /** What the engine should do, by the whole text each time. */
    private static final class Model {
        final Text client;
        final Text server;
        final Set<Integer> ports = new TreeSet<>();
        boolean over;

        Model(final Text client, final Text server) {
            this.client = client;
            this.server = server;
        }

        boolean ended() {
            return END.matcher(client.read).find();
        }

        String segment(final boolean reply, final int at, final String bytes) {
            final Text text = reply ? server : client;
            if (over || bytes.isEmpty() || (!reply && ended())) {
                return "accept established";
            }
            if (at > text.read.length()) {
                return "drop legacy-recovery";
            }
            text.read += at + bytes.length() > text.read.length() ? bytes.substring(text.read.length() - at) : "";
            return reply ? serverSaid() : "accept established";
        }

        private String serverSaid() {
            final Matcher line = LINE.matcher(server.read);
            assertTrue(line.find());
            if (line.group(1) == null) {
                over = !"CONNECT ".startsWith(server.read.substring(line.end())) && !isHalfDigit(line.end());
                over |= isOddBeforeConnect(line.end());
                return "accept established";
            }
            if (!ended()) {
                over = true;
                return "accept refused-reply";
            }
            if (line.group(2) != null) {
                over = true;
                final int port = Integer.parseInt(line.group(2));
                if (port < 1024 || port > 65_535 || (port >= 10_080 && port <= 10_083)) {
                    return "accept refused-reply";
                }
                ports.add(port);
                return "accept legacy-recovery";
            }
            final String rest = server.read.substring(line.end());
            over = !rest.matches("|0|[1-9][0-9]{0,4}");
            if (over) {
                return "accept refused-reply";
            }
            return "accept established";
        }

        private boolean isHalfDigit(final int from) {
            return server.read.substring(from).matches("[0-9a-f]");
        }

        private boolean isOddBeforeConnect(final int from) {
            return server.read.substring(from).matches("(?s)[0-9a-f][^0-9a-f].*");
        }
    }

    @Test
    void shouldReadWhatTheModelReads() {
        final Map<String, Integer> met = new HashMap<>();
        int opened = 0;
        for (int run = 0; run < 6000; run++) {
            final SplittableRandom random = new SplittableRandom(SEED + run);
            opened += converse(random, SEED + run, met) ? 1 : 0;
        }
        assertTrue(opened > 1000, opened + " opened");
        for (final String decision : List.of(
                "accept established", "accept legacy-recovery", "accept refused-reply", "drop legacy-recovery")) {
            assertTrue(met.getOrDefault(decision, 0) > 500, decision + " in " + met);
        }
    }

    private static boolean converse(final SplittableRandom random, final long seed, final Map<String, Integer> met) {
        final EngineSettings settings = EngineFixture.settings(LegacyConnection.policy());
        final TableLimits all = TableLimits.DEFAULTS;
        final EngineFixture first = new EngineFixture(
                settings,
                new TableLimits(
                        new TableLimits.Transactions(8, 8, all.transactions().replyWithinNanos()),
                        new TableLimits.Expectations(8, 8, all.expectations().lifetimeNanos(), 5),
                        new TableLimits.Flows(8, 1L << 50)));
        final List<EngineFixture> workers = List.of(first, first.sibling(settings));
        final LegacyConnection tape =
                LegacyConnection.of(random.nextBoolean()).withStart(random.nextInt(), random.nextInt());
        for (final byte[] packet : List.of(tape.syn(), tape.synAck(), tape.client(0, ""))) {
            assertTrue(workers.get(random.nextInt(2)).send(packet, NOW).accepted());
        }
        final Text client = new Text(CLIENTS.get(random.nextInt(CLIENTS.size())));
        final Text server = new Text(SERVERS.get(random.nextInt(SERVERS.size())));
        final Model model = new Model(client, server);
        final List<String> history = new ArrayList<>();
        // At first anything in any order, then what a sender repeats until it is acknowledged.
        for (int step = 0; step < 60; step++) {
            final boolean reply = step < 20 ? random.nextInt(4) == 0 : step >= 40;
            final Text text = reply ? server : client;
            final int from = step < 40 && random.nextBoolean()
                    ? random.nextInt(text.sent.length())
                    : Math.max(0, Math.min(text.read.length(), text.sent.length()) - random.nextInt(6));
            final int to = Math.min(text.sent.length(), from + random.nextInt(random.nextBoolean() ? 8 : 220));
            final String bytes = changedBehind(random, text.sent.substring(Math.min(from, to), to), from, text);
            history.add((reply ? "server " : "client ") + from + " " + bytes);
            final byte[] packet = reply ? tape.server(from, bytes) : tape.client(from, bytes);
            final String expected = model.segment(reply, from, bytes);

            final String seen = workers.get(random.nextInt(2)).send(packet, NOW).summary();

            assertEquals(expected, seen, () -> "seed " + seed + " " + history);
            assertEquals(model.ports, first.expectedPorts(), () -> "seed " + seed + " " + history);
            met.merge(seen, 1, Integer::sum);
        }
        return !model.ports.isEmpty();
    }

    /** Two workers get the line at once, the second copy unread: neither lets it pass before the connection is expected. */
    @Test
    void shouldExpectTheConnectionBeforeAnyCopyOfTheLinePasses() throws Exception {
        final EngineSettings settings = EngineFixture.settings(LegacyConnection.policy());
        final EngineFixture first = new EngineFixture(settings, TableLimits.DEFAULTS);
        final List<EngineFixture> workers = List.of(first, first.sibling(settings));
        final ExecutorService pool = Executors.newFixedThreadPool(2);
        try {
            for (int round = 0; round < 5000; round++) {
                final int port = 2000 + round;
                final LegacyConnection tape = LegacyConnection.of(false)
                        .withPorts(512 + round % 512, 10_083)
                        .withStart(round, -round);
                for (final byte[] packet :
                        List.of(tape.syn(), tape.synAck(), tape.client(0, LegacyConnection.CLIENT_TEXT))) {
                    assertTrue(first.send(packet, NOW).accepted());
                }
                final byte[] line = tape.server(0, "CONNECT " + port + "\n");
                final CyclicBarrier start = new CyclicBarrier(2);
                final List<Future<Boolean>> reads = new ArrayList<>();
                for (final EngineFixture worker : workers) {
                    reads.add(pool.submit(() -> {
                        start.await(10, TimeUnit.SECONDS);
                        final Reason reason = worker.send(line, NOW).reason();
                        assertTrue(worker.expectedPorts().contains(port), "expected when its line passes");
                        return reason == Reason.LEGACY_RECOVERY;
                    }));
                }
                assertNotEquals(reads.get(0).get(), reads.get(1).get(), "exactly one has read it");
                assertEquals(
                        "accept expected",
                        first.send(tape.dataSyn(600, port), NOW).summary());
                final byte[] reset = tape.fromClient(
                        TcpView.RST | TcpView.ACK, LegacyConnection.CLIENT_TEXT.length(), tape.serverStart() + 1, "");
                assertTrue(first.send(reset, NOW).accepted());
            }
        } finally {
            pool.shutdownNow();
        }
    }

    /** Now and then other bytes, in what was read before and must not count again. */
    private static String changedBehind(
            final SplittableRandom random, final String bytes, final int from, final Text text) {
        final StringBuilder changed = new StringBuilder(bytes);
        for (int i = 0; i < bytes.length() && from + i < text.read.length(); i++) {
            if (random.nextInt(3) == 0) {
                changed.setCharAt(i, "CONNECT 6END\r\n".charAt(random.nextInt(14)));
            }
        }
        return changed.toString();
    }
}
