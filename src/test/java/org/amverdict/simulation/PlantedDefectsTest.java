package org.amverdict.simulation;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The simulator finds what it is there for: each of these defects is planted, and it must report a violation of the right
 * property within a minute. {@code -Ddefect=P4} plants one of them only.
 */
@Tag("property")
@Tag("long")
final class PlantedDefectsTest {
    private static final long SEED = Long.getLong("seed", 1);
    private static final long MINUTE = 60 * Simulation.SECOND;

    /** One for each property and each ordering. */
    private static final List<PlantedDefect> TWELVE = List.of(
            PlantedDefect.of(
                    "P1",
                    "SEQ does not matter when an answer looks for its request",
                    "org/amverdict/track/TransactionKey.java",
                    "key[word] = pack(buffer, sequence + (word - SEQUENCE) * Long.BYTES, sequence + header.sequenceLength());",
                    "key[word] = 0;",
                    "P1"),
            PlantedDefect.of(
                    "P2",
                    "a SYN takes an announcement by whatever interface it comes",
                    "org/amverdict/track/ExpectationTable.java",
                    " || !InterfacePair.requesterFits(pair, inInterface, interfaces)) {",
                    ") {",
                    "P2"),
            PlantedDefect.of(
                    "P3",
                    "an announcement stays after a SYN has taken it",
                    "org/amverdict/track/ExpectationTable.java",
                    "slots.takeOutLocked(slot, hash, scratch.record);\n            return true;",
                    "slots.copyRecord(slot, scratch.record);\n            return true;",
                    "P3"),
            PlantedDefect.of(
                    "P4",
                    "an announcement can be taken after its time, until housekeeping comes by",
                    "org/amverdict/track/ExpectationTable.java",
                    "if (slot == SlotTable.NONE || slots.expired(slot, nowNanos)) {\n                return false;\n            }\n            final long pair",
                    "if (slot == SlotTable.NONE) {\n                return false;\n            }\n            final long pair",
                    "P4"),
            PlantedDefect.of(
                    "P5",
                    "the last packet of a full batch gets no verdict",
                    "org/amverdict/engine/VerdictEngine.java",
                    "final int count = packets.count();",
                    "final int count = Math.min(packets.count(), 7);",
                    "P5",
                    "O3"),
            new PlantedDefect(
                    "P6",
                    "no quota holds for one requester",
                    "org/amverdict/table/ChargedTable.java",
                    List.of(
                            new PlantedDefect.Change(
                                    "if (!hosts.take(entry[host], entry[host + 1], perHost, buffers.host)) {\n            if (hosts",
                                    "if (!hosts.take(entry[host], entry[host + 1], UNLIMITED, buffers.host)) {\n            if (hosts"),
                            new PlantedDefect.Change("+ more <= perHost;", "+ more <= UNLIMITED;")),
                    List.of("P6")),
            PlantedDefect.of(
                    "P7",
                    "a TCP header that is cut short is read to its end",
                    "org/amverdict/packet/TcpView.java",
                    "if (available < HEADER_LENGTH_MIN) {",
                    "if (available < HEADER_LENGTH_MIN - 12) {",
                    "P7"),
            PlantedDefect.of(
                    "P8",
                    "each worker remembers fragments for itself",
                    "org/amverdict/engine/VerdictEngine.java",
                    "this.fragments = tables.fragments();",
                    "this.fragments = new Tables(tables.limits(), 1).fragments();",
                    "P8",
                    "P9"),
            PlantedDefect.of(
                    "P9",
                    "any RST ends a connection",
                    "org/amverdict/track/TcpTracker.java",
                    "return fits || continues ? RESET : state;",
                    "return RESET;",
                    "P9"),
            PlantedDefect.of(
                    "O1",
                    "an announcement becomes visible a millisecond after its REP was released",
                    "org/amverdict/track/ExpectationTable.java",
                    "if (slot == SlotTable.NONE || slots.expired(slot, nowNanos)) {\n                return false;\n            }\n            final long pair",
                    "if (slot == SlotTable.NONE || slots.expired(slot, nowNanos) || nowNanos - slots.value(slot, CREATED) < 1_000_000) {\n                return false;\n            }\n            final long pair",
                    "O1"),
            PlantedDefect.of(
                    "O2",
                    "a batch verdict covers the packet behind its run",
                    "org/amverdict/nfqueue/netlink/VerdictMerger.java",
                    "writer.verdictBatch(queue, ids[i], verdicts[i], marks[i]);",
                    "writer.verdictBatch(queue, ids[i] + 1, verdicts[i], marks[i]);",
                    "O2"),
            PlantedDefect.of(
                    "O3",
                    "a failure of the engine leaves the batch without verdicts",
                    "org/amverdict/engine/VerdictEngine.java",
                    "} catch (final RuntimeException e) {\n            lastFailure = e;\n            decision.drop(Reason.ERROR);",
                    "} catch (final IllegalStateException e) {\n            lastFailure = e;\n            decision.drop(Reason.ERROR);",
                    "O3"));

    /** Faults that were once in the program, see threats.md. */
    private static final List<PlantedDefect> EARLIER = List.of(
            PlantedDefect.of(
                    "FA2",
                    "a reload or restart takes no announcement back",
                    "org/amverdict/engine/PolicyRevocation.java",
                    "return tables.expectations().revokeUnless(scratch, permission());",
                    "return 0;",
                    "P1"),
            PlantedDefect.of(
                    "FA3",
                    "any SYN replaces a connection that is under way",
                    "org/amverdict/track/FlowTable.java",
                    "return RecordWords.value(scratch.entry, OWNER) != 0 || !isUnderWay(slot, nowNanos);",
                    "return true;",
                    "P9"),
            PlantedDefect.of(
                    "FA4",
                    "any SYN of the same addresses and ports is one of the connection",
                    "org/amverdict/track/FlowTable.java",
                    "!reply && syn.payload == 0 && tcp.repeatsSyn(slot, syn, FlowRecord.state(meta), sinceNanos);",
                    "!reply;",
                    "P3",
                    "P4"),
            PlantedDefect.of(
                    "FB1",
                    "a waiting exchange is given up like any other",
                    "org/amverdict/track/TransactionTurnover.java",
                    "if (requesters.kind(slot) != RequesterLists.KEPT\n",
                    "if (requesters.kind(slot) == RequesterLists.KEPT\n",
                    "P9"),
            PlantedDefect.of(
                    "FB3",
                    "an interface that is gone counts as there",
                    "org/amverdict/track/Interfaces.java",
                    "return now == null || Arrays.binarySearch(now, index) >= 0;",
                    "return true;",
                    "P9"));

    static Stream<PlantedDefect> defects() {
        final String one = System.getProperty("defect", "");
        return Stream.concat(TWELVE.stream(), EARLIER.stream())
                .filter(defect -> one.isEmpty() || defect.name().equals(one));
    }

    @ParameterizedTest
    @MethodSource("defects")
    void shouldFindWithinAMinute(final PlantedDefect defect) throws Exception {
        final ClassLoader classes = PatchedClasses.with(defect.className(), defect.source());
        final Method find =
                Class.forName(Hunt.class.getName(), true, classes).getDeclaredMethod("find", long.class, long.class);
        find.setAccessible(true);
        final String[] found = (String[]) find.invoke(null, SEED, MINUTE);
        assertNotNull(found, () -> defect + ": not found within a minute from seed " + SEED);
        System.out.println(defect + ": found as " + found[0] + " after " + found[1] + " s in plan " + found[2]
                + " from seed " + SEED + ", in " + found[3] + " steps");
        if (System.getProperty("defect") != null) {
            System.out.println(found[4]);
        }
        assertTrue(defect.found().contains(found[0]), () -> defect + ": found as " + found[4]);
    }
}
