package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToLongFunction;
import java.util.zip.CRC32C;
import org.amverdict.amanda.StreamName;
import org.amverdict.packet.TcpView;
import org.amverdict.policy.Policy;
import org.amverdict.state.Moment;
import org.amverdict.state.StateException;
import org.amverdict.state.StateFile;
import org.amverdict.track.LimitScope;
import org.amverdict.track.Removal;
import org.amverdict.track.SavedRows;
import org.amverdict.track.Scratch;
import org.amverdict.track.TableLimits;
import org.amverdict.track.TableName;
import org.amverdict.track.Tables;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the engine knows survives a restart, all of it or nothing. {@code -Dseed=} gives another seed. */
final class RestartTest {
    private static final long SECOND = EngineFixture.SECOND;
    private static final long SEED = Long.getLong("seed", 20_261_125);
    private static final long MILLIS = 1_700_000_000_000L;
    private static final TableLimits LIMITS = new TableLimits(
            new TableLimits.Transactions(1024, 256, 6 * 3600 * SECOND),
            new TableLimits.Expectations(1024, 256, 180 * SECOND, 5),
            new TableLimits.Flows(1024, 5 * 86_400 * SECOND));
    private static final long BOOT = 1_000 * SECOND;

    /** Behind the magic, the version, two times and the length of the text. */
    private static final int BOOT_ID_AT = 30;

    @TempDir
    private Path directory;

    private Path file() {
        return directory.resolve("deep/er/state");
    }

    /** No time passes between two of them, but on the clock of the tables. */
    private static Moment at(final long nanos) {
        return new Moment(nanos, BOOT, MILLIS);
    }

    private static EngineFixture fixture() {
        return new EngineFixture(RandomTraffic.settings(), LIMITS);
    }

    private static byte[] next(final RandomTraffic traffic) {
        final Exchange exchange = traffic.exchange();
        return switch (traffic.random.nextInt(6)) {
            case 0 -> exchange.request();
            case 1 -> exchange.reply(traffic.line(exchange));
            case 2 -> exchange.acknowledgement();
            default -> traffic.connection(exchange).packet();
        };
    }

    /** Only what the later comparison does not wait long for: nothing expires by the pauses alone. */
    private static long pause(final RandomTraffic traffic) {
        return traffic.random.nextLong(SECOND / 4);
    }

    private static EngineFixture used(final RandomTraffic traffic, final int packets) {
        final EngineFixture engine = fixture();
        long now = 0;
        for (int i = 0; i < packets; i++) {
            engine.send(next(traffic), now);
            now += pause(traffic);
        }
        return engine;
    }

    private static List<String> rows(final SavedRows table, final long now) {
        final List<String> rows = new ArrayList<>();
        table.save(now, row -> rows.add(Arrays.toString(row)));
        rows.sort(null);
        return rows;
    }

    private static List<String> rows(final Tables tables, final long now) {
        final List<String> rows = new ArrayList<>(rows(tables.transactions(), now));
        rows.addAll(rows(tables.expectations(), now));
        rows.addAll(rows(tables.flows(), now));
        return rows;
    }

    @Test
    void shouldDecideAfterARestartAsWithoutOne() throws Exception {
        for (int run = 0; run < 20; run++) {
            final long seed = SEED + run;
            final RandomTraffic traffic = new RandomTraffic(seed);
            final EngineFixture before = used(traffic, 1500);
            final long stop = 200 * SECOND;
            final StateFile state = new StateFile(file());
            state.save(before.tables(), at(stop));
            final EngineFixture after = fixture();
            // Another clock, as after a restart of the machine.
            final long start = -7_777 * SECOND;
            final StateFile.Content content = state.load(after.tables(), at(start));

            assertNotNull(content);
            assertTrue(
                    content.flows() > 5 && content.expectations() > 3 && content.transactions() > 10,
                    () -> "" + content);
            assertSame(rows(before.tables(), stop), rows(after.tables(), start), seed);
            assertTrue(Files.exists(file()), "until the first packet");
            long passed = 0;
            for (int i = 0; i < 2000; i++) {
                final byte[] packet = next(traffic);
                assertEquals(
                        before.send(packet, stop + passed).summary(),
                        after.send(packet, start + passed).summary(),
                        "seed " + seed + " packet " + i);
                passed += traffic.random.nextInt(100) == 0 ? 20 * SECOND : pause(traffic);
            }
        }
    }

    /** Names the first difference only. */
    private static void assertSame(final List<String> before, final List<String> after, final long seed) {
        assertEquals(before.size(), after.size(), "seed " + seed);
        for (int i = 0; i < before.size(); i++) {
            assertEquals(before.get(i), after.get(i), "seed " + seed);
        }
    }

    private static EngineFixture dumping() {
        final EngineFixture before = fixture();
        final Exchange dump = Exchange.of("sendbackup");
        before.send(dump.request(), 0);
        before.send(dump.reply("CONNECT DATA 20000 MESG 20001 INDEX 20002"), 0);
        before.send(dump.syn(20_000), 0);
        before.send(dump.tcpBack(20_000, TcpView.SYN | TcpView.ACK), 0);
        return before;
    }

    /** The two expectations of {@link #dumping} live for 180 s. */
    private void assertAlive(final boolean alive, final Moment now, final String when) throws Exception {
        final EngineFixture after = fixture();
        new StateFile(file()).load(after.tables(), now);

        assertEquals(alive ? 2 : 0, after.tables().expectations().size(), when);
        assertEquals(
                alive ? "accept expected" : "drop unexpected",
                after.send(Exchange.of("sendbackup").syn(20_001), now.nanos() + 1)
                        .summary(),
                when);
    }

    @Test
    void shouldLetTimePassWhileItWasAway() throws Exception {
        new StateFile(file()).save(dumping().tables(), at(0));
        for (final int seconds : new int[] {-100, 0, 100, 179, 181}) {
            assertAlive(seconds < 180, new Moment(0, BOOT + seconds * SECOND, MILLIS), seconds + " s");
        }
    }

    /** Somebody sets the wall clock, or NTP steps it, while the program is not running. */
    @Test
    void shouldNotCareWhatTheWallClockSaysWhileTheKernelRuns() throws Exception {
        new StateFile(file()).save(dumping().tables(), at(0));
        for (final long hours : new long[] {-1_000_000, -1, 1, 1_000_000}) {
            final long stepped = MILLIS + hours * 3_600_000;
            assertAlive(true, new Moment(0, BOOT + 179 * SECOND, stepped), "later by the wall clock: " + hours + " h");
            assertAlive(false, new Moment(0, BOOT + 181 * SECOND, stepped), "later by the wall clock: " + hours + " h");
        }
    }

    @Test
    void shouldAskTheWallClockAfterAReboot() throws Exception {
        new StateFile(file()).save(dumping().tables(), at(0));
        final byte[] rebooted = Files.readAllBytes(file());
        rebooted[BOOT_ID_AT] ^= 1;
        Files.write(file(), sealed(rebooted));

        assertAlive(true, new Moment(0, 40 * SECOND, MILLIS + 179_000), "179 s");
        assertAlive(false, new Moment(0, 40 * SECOND, MILLIS + 181_000), "181 s");
        assertAlive(true, new Moment(0, 40 * SECOND, 0), "a clock without a battery, 40 s after the start");
        assertAlive(false, new Moment(0, 181 * SECOND, 0), "a clock without a battery, 181 s after the start");
    }

    /** No later exchange is taken for the owner of what an earlier one announced. */
    @Test
    void shouldCountTransactionsOnWhenTheLastOneIsGone() throws Exception {
        final EngineFixture before = dumping();
        final long last = before.tables().transactions().lastNumber();
        final long gone = 400 * SECOND; // the exchange is over, its connection is not
        final StateFile state = new StateFile(file());
        assertEquals(0, state.save(before.tables(), at(gone)).transactions());
        final EngineFixture after = fixture();
        state.load(after.tables(), at(gone));
        after.send(Exchange.of("sendbackup").withNames("other", "1").request(), gone);

        assertEquals(last + 1, after.tables().transactions().lastNumber());

        // And also when there is nothing else to be saved.
        state.save(fixture().tables(), at(gone));
        state.save(after.tables(), at(20 * 86_400 * SECOND));
        final EngineFixture later = fixture();
        assertEquals(new StateFile.Content(0, 0, 0), state.load(later.tables(), at(0)));
        assertEquals(last + 1, later.tables().transactions().lastNumber());
    }

    private static long total(final ToLongFunction<StreamName> counter) {
        return Arrays.stream(StreamName.values()).mapToLong(counter).sum();
    }

    /** What was made or taken up is still there, or was removed: at any moment, whatever happened. */
    private static void assertReconciles(final Tables tables, final String when) {
        final long made = total(tables.counters()::created) + total(tables.counters()::restored);
        final long removed = Arrays.stream(Removal.values())
                .mapToLong(tables.counters()::removed)
                .sum();
        assertEquals(made, removed + tables.expectations().size(), when);
    }

    @Test
    void shouldAccountForEveryExpectation() throws Exception {
        final TableLimits narrow = new TableLimits(
                new TableLimits.Transactions(64, 16, 6 * 3600 * SECOND),
                new TableLimits.Expectations(16, 8, 180 * SECOND, 5),
                new TableLimits.Flows(16, 5 * 86_400 * SECOND));
        for (int run = 0; run < 20; run++) {
            final RandomTraffic traffic = new RandomTraffic(SEED + run);
            final EngineFixture before = used(traffic, 1500);
            assertReconciles(before.tables(), "before, seed " + (SEED + run));
            final StateFile state = new StateFile(file());
            state.save(before.tables(), at(200 * SECOND));
            for (final TableLimits limits : List.of(LIMITS, narrow)) {
                final EngineFixture after = new EngineFixture(RandomTraffic.settings(), limits);
                state.load(after.tables(), at(0));
                final String when = "seed " + (SEED + run) + " " + limits;
                assertReconciles(after.tables(), "taken up, " + when);
                assertTrue(total(after.tables().counters()::restored) > 0, when);
                assertEquals(0, total(after.tables().counters()::created), when);
                final EngineFixture quiet = new EngineFixture(RandomTraffic.settings(), limits);
                state.load(quiet.tables(), at(0));
                quiet.engine().housekeep(3600 * SECOND, 100_000);
                assertReconciles(quiet.tables(), "expired, " + when);
                assertEquals(
                        quiet.tables().counters().removed(Removal.EXPIRED),
                        quiet.tables().counters().restoredExpired(),
                        when);

                for (int i = 0; i < 300; i++) {
                    after.send(next(traffic), i * SECOND / 10);
                }
                assertReconciles(after.tables(), "later, " + when);
                final PolicyRevocation revocation = new PolicyRevocation(after.tables(), Policy.of(List.of()));
                revocation.exchanges();
                revocation.expectations();
                assertReconciles(after.tables(), "after a reload, " + when);
                for (int i = 0; i < 300; i++) {
                    after.send(next(traffic), (30 + i) * SECOND);
                }
                after.tables().expectations().flush(new Scratch());
                assertReconciles(after.tables(), "after a flush, " + when);
                assertEquals(0, after.tables().expectations().size());
            }
        }
    }

    /** Tables that are smaller than before keep what fits, and say what they gave up. */
    @Test
    void shouldKeepWhatFitsWhenTheTablesAreSmallerThanBefore() throws Exception {
        final EngineFixture before = used(new RandomTraffic(SEED), 3000);
        final StateFile state = new StateFile(file());
        final StateFile.Content saved = state.save(before.tables(), at(200 * SECOND));
        final TableLimits narrow = new TableLimits(
                new TableLimits.Transactions(saved.transactions() / 2, 8, 6 * 3600 * SECOND),
                new TableLimits.Expectations(saved.expectations() / 2, 256, 180 * SECOND, 5),
                new TableLimits.Flows(saved.flows() / 2, 5 * 86_400 * SECOND));
        final EngineFixture after = new EngineFixture(RandomTraffic.settings(), narrow);

        final StateFile.Content content = state.load(after.tables(), at(0));

        assertNotNull(content);
        assertEquals(saved.expectations() / 2, content.expectations());
        assertEquals(saved.flows() / 2, content.flows());
        assertTrue(content.transactions() > 0 && content.transactions() <= saved.transactions() / 2, "" + content);
        for (final TableName table : List.of(TableName.EXPECTATIONS, TableName.FLOWS)) {
            assertTrue(after.tables().counters().limitReached(table, LimitScope.GLOBAL) > 0, table.label());
        }
    }

    /** Of a requester at its quota the quietest exchange is given up, after a restart as before. */
    @Test
    void shouldStillKnowWhichExchangeIsTheQuietest() throws Exception {
        final TableLimits three = new TableLimits(
                new TableLimits.Transactions(64, 3, 6 * 3600 * SECOND),
                new TableLimits.Expectations(64, 64, 180 * SECOND, 5),
                new TableLimits.Flows(64, 5 * 86_400 * SECOND));
        final EngineFixture before = new EngineFixture(RandomTraffic.settings(), three);
        final Exchange dump = Exchange.of("sendbackup");
        for (final String name : List.of("a", "b", "c")) {
            before.send(dump.withNames(name, "1").request(), 0);
        }
        before.send(dump.withNames("a", "1").request(), 1);
        final StateFile state = new StateFile(file());
        state.save(before.tables(), at(2));
        final EngineFixture after = new EngineFixture(RandomTraffic.settings(), three);
        state.load(after.tables(), at(2));

        for (final EngineFixture engine : List.of(before, after)) {
            engine.send(dump.withNames("d", "1").request(), 3);
            assertEquals(
                    "drop unsolicited",
                    engine.send(dump.withNames("b", "1").reply("CONNECT DATA -1 MESG -1 INDEX -1"), 4)
                            .summary());
            assertTrue(engine.send(dump.withNames("a", "1").reply("CONNECT DATA 20000 MESG -1 INDEX -1"), 4)
                    .accepted());
        }
    }

    @Test
    void shouldKeepTheQuotasRight() throws Exception {
        final EngineFixture before = used(new RandomTraffic(SEED), 3000);
        final StateFile state = new StateFile(file());
        state.save(before.tables(), at(400 * SECOND));
        final EngineFixture after = fixture();
        state.load(after.tables(), at(0));

        // All of it ends, and whoever had some can use the whole quota again.
        after.engine().housekeep(6 * 86_400 * SECOND, 100_000);
        assertEquals(List.of(), rows(after.tables(), 6 * 86_400 * SECOND));
        final Exchange dump = Exchange.of("sendbackup");
        for (int i = 0; i < LIMITS.expectations().perRequester(); i++) {
            final Exchange one = dump.withNames("h" + i, "1");
            final long now = 6 * 86_400 * SECOND;
            after.send(one.request(), now);
            assertEquals(
                    "accept reply",
                    after.send(one.reply("CONNECT DATA " + (20_000 + i) + " MESG -1 INDEX -1"), now)
                            .summary());
        }
    }

    @Test
    void shouldTakeUpNothingOfADamagedFile() throws Exception {
        final EngineFixture before = used(new RandomTraffic(SEED), 300);
        final StateFile state = new StateFile(file());
        state.save(before.tables(), at(20 * SECOND));
        final byte[] good = Files.readAllBytes(file());
        final SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < 400; i++) {
            final byte[] bad;
            if (i % 2 == 0) {
                bad = good.clone();
                bad[i < 80 ? i / 2 : random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            } else {
                bad = Arrays.copyOf(good, i < 80 ? i / 2 : random.nextInt(good.length));
            }
            assertUnusable(bad, "");
        }
        assertUnusable(Arrays.copyOf(good, good.length + 1), "checksum");
        assertUnusable(new byte[0], "too early");
    }

    private void assertUnusable(final byte[] content, final String why) throws IOException {
        Files.createDirectories(directory.resolve("deep/er"));
        Files.write(file(), content);
        final EngineFixture after = fixture();
        final StateException thrown =
                assertThrows(StateException.class, () -> new StateFile(file()).load(after.tables(), at(0)));

        final String message = String.valueOf(thrown.getMessage());
        assertTrue(message.contains(file().toString()) && message.contains(why), message);
        assertEquals(List.of(), rows(after.tables(), 0));
        assertFalse(Files.exists(file()));
        assertTrue(Arrays.equals(content, Files.readAllBytes(directory.resolve("deep/er/state.bad"))), "kept beside");
    }

    /** A file whose checksum is right, but that is not for this program. */
    @Test
    void shouldRefuseAnotherVersionAnotherTableAndAnotherNetwork() throws Exception {
        final StateFile state = new StateFile(file());
        state.save(fixture().tables(), at(0));
        final byte[] good = Files.readAllBytes(file());

        final byte[] version = good.clone();
        version[11]++;
        assertUnusable(sealed(version), "version 4");
        final byte[] magic = good.clone();
        magic[0]++;
        assertUnusable(sealed(magic), "no state of amverdict");
        final String text = new String(good, StandardCharsets.ISO_8859_1);
        final byte[] network = good.clone();
        network[text.indexOf("net:[") + 5] ^= 1;
        assertUnusable(sealed(network), "another network namespace");
        final byte[] words = good.clone();
        words[text.indexOf(']') + 12]++;
        assertUnusable(sealed(words), "words");

        final byte[] rebooted = network.clone();
        rebooted[BOOT_ID_AT] ^= 1;
        Files.write(file(), sealed(rebooted));
        assertNotNull(state.load(fixture().tables(), at(0)), "after a reboot namespaces have other numbers");
    }

    /** The file of a program whose last table has other rows: its first tables are good, and not taken up either. */
    @Test
    void shouldTakeUpNothingWhenOnlyTheLastTableIsBad() throws Exception {
        final EngineFixture before = used(new RandomTraffic(SEED), 1500);
        final StateFile state = new StateFile(file());
        final int flows = state.save(before.tables(), at(200 * SECOND)).flows();
        final byte[] good = Files.readAllBytes(file());
        final int flowBytes = 1 + before.tables().flows().rowWords() * Long.BYTES;
        final int firstFlow = good.length - Long.BYTES - 1 - flows * flowBytes;

        assertTrue(flows > 0);
        final byte[] words = good.clone();
        words[firstFlow - 1]++;
        assertUnusable(sealed(words), "words");
        assertUnusable(sealed(Arrays.copyOf(good, firstFlow + flowBytes / 2)), "too early");
    }

    private static byte[] sealed(final byte[] content) {
        final CRC32C checksum = new CRC32C();
        checksum.update(content, 0, content.length - Long.BYTES);
        final byte[] sealed = content.clone();
        ByteBuffer.wrap(sealed).putLong(content.length - Long.BYTES, checksum.getValue());
        return sealed;
    }

    /** Rows that pass the checksum and still are nonsense: whoever can write the file gets no exception out of it. */
    @Test
    void shouldSurviveNonsenseInRows() throws Exception {
        final EngineFixture before = used(new RandomTraffic(SEED), 300);
        final StateFile state = new StateFile(file());
        state.save(before.tables(), at(20 * SECOND));
        final byte[] good = Files.readAllBytes(file());
        final SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < 300; i++) {
            final byte[] bad = good.clone();
            for (int k = 0; k < 20; k++) {
                bad[120 + random.nextInt(bad.length - 120)] = (byte) random.nextInt();
            }
            Files.write(file(), sealed(bad));
            final EngineFixture after = fixture();
            try {
                state.load(after.tables(), at(0));
            } catch (final StateException e) {
                assertNotNull(e.getMessage());
            }
            final RandomTraffic traffic = new RandomTraffic(SEED + i);
            for (int k = 0; k < 50; k++) {
                assertTrue(after.send(next(traffic), k).reason() != Reason.ERROR);
            }
            after.engine().housekeep(SECOND, 5000);
        }
    }

    /** Bytes can pass while the program is not running, so a text that was begun is not read on: it goes on and opens nothing. */
    @Test
    void shouldOpenNothingForAnOldRecoveryThatWasBegunBefore() throws Exception {
        final EngineSettings settings = EngineFixture.settings(LegacyConnection.policy());
        final EngineFixture before = new EngineFixture(settings, LIMITS);
        final LegacyConnection tape = LegacyConnection.of(false);
        for (final byte[] packet : List.of(
                tape.syn(),
                tape.synAck(),
                tape.client(0, LegacyConnection.CLIENT_TEXT),
                tape.server(0, LegacyConnection.SERVER_TEXT.substring(0, 20)))) {
            assertTrue(before.send(packet, 0).accepted());
        }
        final StateFile state = new StateFile(file());
        state.save(before.tables(), at(0));
        final EngineFixture after = new EngineFixture(settings, LIMITS);
        assertNotNull(state.load(after.tables(), at(0)));

        for (final byte[] packet : List.of(
                tape.server(20, LegacyConnection.SERVER_TEXT.substring(20)),
                tape.server(0, LegacyConnection.SERVER_TEXT),
                tape.server(9000, "x"))) {
            assertEquals("accept established", after.send(packet, 0).summary());
        }
        assertEquals(0, after.expectedPorts().size());
    }

    /** What the text has announced is waited for over a restart, from a privileged port as before. */
    @Test
    void shouldStillExpectTheDataOfAnOldRecovery() throws Exception {
        final EngineSettings settings = EngineFixture.settings(LegacyConnection.policy());
        final EngineFixture before = new EngineFixture(settings, LIMITS);
        final LegacyConnection tape = LegacyConnection.of(true);
        for (final byte[] packet : List.of(
                tape.syn(),
                tape.synAck(),
                tape.client(0, LegacyConnection.CLIENT_TEXT),
                tape.server(0, LegacyConnection.SERVER_TEXT))) {
            assertTrue(before.send(packet, 0).accepted());
        }
        final StateFile state = new StateFile(file());
        state.save(before.tables(), at(0));
        final EngineFixture after = new EngineFixture(settings, LIMITS);
        state.load(after.tables(), at(0));

        assertEquals(
                "drop unexpected",
                after.send(tape.dataSyn(1600, LegacyConnection.PORT), 0).summary());
        assertEquals(
                "accept expected",
                after.send(tape.dataSyn(600, LegacyConnection.PORT), 0).summary());
    }

    @Test
    void shouldWriteAFileThatOnlyItsOwnerReads() throws Exception {
        final StateFile state = new StateFile(file());
        assertNull(state.load(fixture().tables(), at(0)), "no file is no fault");
        state.save(fixture().tables(), at(0));
        state.save(fixture().tables(), at(0));

        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file())));
        try (var files = Files.list(directory.resolve("deep/er"))) {
            assertEquals(1, files.count());
        }
    }
}
