package org.amverdict.amanda;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What does it cost to read a REP that announces four streams: header, and body? */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ReplyParserBenchmark {
    private static final byte[] REPLY = ("Amanda 3.5 REP HANDLE 000-00000000 SEQ 1795174338\n"
                    + "CONNECT DATA 50081 MESG 50082 INDEX 50083 STATE 50084\n"
                    + "OPTIONS features=ffffffff9efefbfffffffffffffff3fffbf71f;\n")
            .getBytes(StandardCharsets.ISO_8859_1);

    private final ByteBuf buffer = Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(REPLY.length));
    private final ControlHeader header = new ControlHeader();
    private final ReplyParser parser = new ReplyParser();

    public ReplyParserBenchmark() {
        buffer.setBytes(0, REPLY);
    }

    @Benchmark
    public boolean header() {
        return header.wrap(buffer, 0, REPLY.length);
    }

    @Benchmark
    public Refusal headerAndBody() {
        header.wrap(buffer, 0, REPLY.length);
        return parser.parse(
                buffer,
                header.bodyOffset(),
                header.bodyLength(),
                Service.SENDBACKUP,
                RequestParser.STATE_POSSIBLE | RequestParser.INDEX_POSSIBLE);
    }
}
