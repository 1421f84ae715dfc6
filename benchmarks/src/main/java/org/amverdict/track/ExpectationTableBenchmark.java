package org.amverdict.track;

import java.util.concurrent.TimeUnit;
import org.amverdict.amanda.StreamName;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What do a miss, and making and taking an expectation, cost against how many there are? */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ExpectationTableBenchmark {
    private static final long V4 = 0xFFFF_0000_0000L;
    private static final long LIFETIME_NANOS = 180_000_000_000L;
    private static final int PORT = 20000;
    private static final int CONNECTOR = 50_000;

    @Param({"100", "10000", "1000000"})
    private int entries;

    private final Scratch scratch = new Scratch();
    private ExpectationTable table;
    private int next;

    @Setup(Level.Trial)
    public void setUp() {
        table = new ExpectationTable(Math.max(1024, 2 * entries), entries + 1, System.nanoTime(), new TableCounters());
        for (int i = 0; i < entries; i++) {
            table.expect(scratch, 0, V4 + 1, 0, V4 + 2 + i, PORT, StreamName.DATA, false, 1, 0, LIFETIME_NANOS, 0);
        }
    }

    private long someResponder() {
        next = next * 1_103_515_245 + 12_345;
        return V4 + 2 + Integer.remainderUnsigned(next, entries);
    }

    /** A pair of hosts that is there, asked for a port that is not. */
    @Benchmark
    public boolean miss() {
        return table.consume(scratch, 0, V4 + 1, CONNECTOR, 0, someResponder(), PORT + 1, 0, 1);
    }

    /** One that is there, looked up without being taken. */
    @Benchmark
    public long hit() {
        return table.owner(scratch, 0, V4 + 1, 0, someResponder(), PORT, 1);
    }

    @Benchmark
    public boolean expectAndConsume() {
        final long responder = someResponder();
        table.expect(scratch, 0, V4 + 3, 0, responder, PORT, StreamName.MESG, false, 2, 0, LIFETIME_NANOS, 0);
        return table.consume(scratch, 0, V4 + 3, CONNECTOR, 0, responder, PORT, 0, 1);
    }
}
