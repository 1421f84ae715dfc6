package org.amverdict.scale;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.amverdict.track.EntryBytes;
import org.openjdk.jmh.runner.RunnerException;

/**
 * Cost of a packet with 100 to 1,000,000 expectations or flows. Measures it in processor time with the benchmarks of
 * the tables and the engine, draws a picture of each, and prints the numbers.
 *
 * <p>Marks in the pictures show where all entries together need as much memory as a cache of this machine has. If a
 * series rises from a mark on, but one that uses few entries of an equally large table does not, the caches are the
 * cause.
 */
public final class Scale {
    private static final long[] SIZES = {100, 1000, 10_000, 100_000, 1_000_000};
    /** All sizes are measured in turn, so that other load on the machine does not hit only one of them. */
    private static final int ROUNDS = 3;

    private Scale() {}

    /** @param args the directory for the pictures */
    public static void main(final String[] args) throws IOException, RunnerException {
        if (args.length != 1) {
            System.err.println("usage: Scale DIRECTORY");
            System.exit(2);
        }
        final Path directory = Path.of(args[0]);
        final List<Subject> subjects = List.of(expectations(), flows());
        for (int round = 0; round < ROUNDS; round++) {
            for (final Subject subject : subjects) {
                for (final Curve curve : subject.curves()) {
                    curve.measure();
                }
            }
            System.err.println("round " + (round + 1) + " of " + ROUNDS + " done");
        }
        Files.createDirectories(directory);
        final List<Caches.Cache> caches = Caches.ofThisMachine();
        for (final Subject subject : subjects) {
            Files.writeString(directory.resolve(subject.file()), subject.picture(caches));
            System.out.printf("ns of processor time, %d bytes an entry%n%n", subject.entryBytes());
            System.out.println(subject.table());
        }
    }

    private static Subject expectations() {
        final String benchmark = "track.ExpectationTableBenchmark.";
        return new Subject(
                "scale-expectations.svg",
                "A look-up, by how many connections are expected",
                "expectations",
                EntryBytes.expectation(),
                List.of(
                        new Curve("any of them", benchmark + "hit", "entries", SIZES),
                        new Curve("the same 1,024 of them", benchmark + "hitFew", "entries", SIZES),
                        new Curve("one that is not there", benchmark + "miss", "entries", SIZES)));
    }

    private static Subject flows() {
        final String table = "track.FlowTableBenchmark.";
        return new Subject(
                "scale-flows.svg",
                "A packet, by how many flows there are",
                "flows",
                EntryBytes.flow(),
                List.of(
                        new Curve("table: any of them", table + "hit", "entries", SIZES),
                        new Curve("table: the same 1,024 of them", table + "hitFew", "entries", SIZES),
                        new Curve("table: one that is not there", table + "miss", "entries", SIZES),
                        new Curve(
                                "engine: any of them, and writing the packet",
                                "engine.AnyFlowBenchmark.onBatch",
                                "flows",
                                SIZES),
                        new Curve(
                                "engine: the same 1,024 of them, and writing the packet",
                                "engine.AnyFlowBenchmark.onBatchOfFew",
                                "flows",
                                SIZES)));
    }
}
