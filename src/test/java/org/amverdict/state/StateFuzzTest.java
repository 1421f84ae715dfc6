package org.amverdict.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.EngineFixture;
import org.amverdict.engine.PolicyRevocation;
import org.amverdict.fuzz.LiveSet;
import org.amverdict.policy.Policy;
import org.amverdict.replay.CapturedPackets;
import org.amverdict.replay.ReplayRun;
import org.amverdict.track.Removal;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever the file holds under a right checksum, it is taken up within the limits of the tables or refused and kept
 * beside; the engine then judges on, and what it knows can be saved again.
 *
 * <p>Input: the file without its checksum.
 */
@ExtendWith(LiveSet.class)
final class StateFuzzTest {
    private static final long SECOND = EngineFixture.SECOND;
    private static final long LIFETIME = 180 * SECOND;
    private static final TableLimits LIMITS = new TableLimits(
            new TableLimits.Transactions(32, 8, 3600 * SECOND),
            new TableLimits.Expectations(32, 8, LIFETIME, 5),
            new TableLimits.Flows(32, 86_400 * SECOND));
    private static final long BOOT = 1_000 * SECOND;
    private static final long MILLIS = 1_700_000_000_000L;
    private static final List<byte[]> TRAFFIC = CapturedPackets.of("bsdudp-backup-nak.pcap");

    private static final Policy NOTHING_ALLOWED = Policy.of(List.of());
    private static final StateFile.Content NOTHING = new StateFile.Content(0, 0, 0);
    /** Longer than any record may live. */
    private static final long FOR_EVER = 30 * 86_400 * SECOND;

    private static final int SLOTS = 4096;

    @TempDir
    private static Path directory;

    private final EngineFixture before = new EngineFixture(ReplayRun.PERMISSIVE, LIMITS);
    private final EngineFixture after = new EngineFixture(ReplayRun.PERMISSIVE, LIMITS);

    static Stream<byte[]> files() throws IOException {
        final Stream.Builder<byte[]> files = Stream.builder();
        final Path file = Files.createTempFile("amverdict", ".state");
        for (final String capture : CapturedPackets.CAPTURES) {
            final EngineFixture engine = new EngineFixture(ReplayRun.PERMISSIVE, LIMITS);
            files.add(saved(engine, file));
            int next = 0;
            for (final byte[] packet : CapturedPackets.of(capture)) {
                engine.send(packet, next * SECOND / 100);
                next++;
                if (next == 20 || next == 60) {
                    files.add(saved(engine, file));
                }
            }
        }
        Files.delete(file);
        return files.build();
    }

    private static byte[] saved(final EngineFixture engine, final Path file) throws IOException {
        new StateFile(file).save(engine.tables(), new Moment(SECOND, BOOT, MILLIS));
        final byte[] bytes = Files.readAllBytes(file);
        return Arrays.copyOf(bytes, bytes.length - Long.BYTES);
    }

    @MethodSource("files")
    @FuzzTest
    void state(final byte[] input) throws IOException, StateException {
        final Path file = directory.resolve("state");
        Files.write(file, withChecksum(input));
        final StateFile state = new StateFile(file);
        try {
            final StateFile.Content content =
                    state.load(before.tables(), new Moment(7 * SECOND, BOOT + SECOND, MILLIS + 1000));
            assertNotNull(content);
            checkSizes(before.tables(), content);
            state.remove();
        } catch (final StateException e) {
            assertTrue(String.valueOf(e.getMessage()).contains(file + ".bad"), e::getMessage);
            checkSizes(before.tables(), NOTHING);
        }
        assertFalse(Files.exists(file), "it would be taken up again");
        checkExpectations(before.tables());
        takeBack(before.tables(), ReplayRun.PERMISSIVE.policy());

        for (final byte[] packet : TRAFFIC) {
            before.send(packet, 8 * SECOND);
        }
        state.save(before.tables(), new Moment(9 * SECOND, BOOT + 3 * SECOND, MILLIS + 3000));
        final StateFile.Content content =
                state.load(after.tables(), new Moment(-SECOND, BOOT + 3 * SECOND, MILLIS + 3000));
        assertNotNull(content);
        checkSizes(after.tables(), content);
        checkExpectations(after.tables());
        takeBack(after.tables(), NOTHING_ALLOWED);
        assertEquals(0, after.tables().transactions().size(), "transactions that nothing allows");
        assertEquals(0, after.tables().expectations().size(), "expectations that nothing allows");
        expireAll(before);
        expireAll(after);
    }

    /** As a daemon does that starts with this policy. */
    private static void takeBack(final Tables tables, final Policy policy) {
        final PolicyRevocation revocation = new PolicyRevocation(tables, policy);
        revocation.exchanges();
        revocation.expectations();
        revocation.flows();
    }

    /** No expectation opens a port of a well-known service, and each is counted. */
    private static void checkExpectations(final Tables tables) {
        tables.expectations().forEach(expectation -> {
            final int port = expectation.tuple().destinationPort();
            assertTrue(port >= 1024 && port <= 65_535, "port " + port);
        });
        long balance = 0;
        for (final StreamName stream : StreamName.values()) {
            balance += tables.counters().created(stream) + tables.counters().restored(stream);
        }
        for (final Removal cause : Removal.values()) {
            balance -= tables.counters().removed(cause);
        }
        assertEquals(tables.expectations().size(), balance, "expectations made and not removed");
        assertTrue(tables.transactions().lastNumber() >= 0, "numbers of transactions run over");
    }

    private static byte[] withChecksum(final byte[] input) {
        final CRC32C checksum = new CRC32C();
        checksum.update(input);
        return ByteBuffer.allocate(input.length + Long.BYTES)
                .put(input)
                .putLong(checksum.getValue())
                .array();
    }

    /** So that each input meets the same empty tables, and nothing can be left in them for ever. */
    private static void expireAll(final EngineFixture engine) {
        engine.engine().housekeep(FOR_EVER, SLOTS);
        checkSizes(engine.tables(), NOTHING);
    }

    private static void checkSizes(final Tables tables, final StateFile.Content content) {
        assertEquals(content.transactions(), tables.transactions().size());
        assertEquals(content.expectations(), tables.expectations().size());
        assertEquals(content.flows(), tables.flows().size());
        assertTrue(content.transactions() <= LIMITS.transactions().capacity(), "transactions");
        assertTrue(content.expectations() <= LIMITS.expectations().capacity(), "expectations");
        assertTrue(content.flows() <= LIMITS.flows().capacity(), "flows");
    }
}
