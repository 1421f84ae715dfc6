package org.amverdict.replay;

import io.netty.buffer.Unpooled;
import java.util.List;
import org.amverdict.amanda.Service;
import org.amverdict.engine.EngineCounters;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.PacketBatch;
import org.amverdict.engine.Verdict;
import org.amverdict.engine.VerdictBatch;
import org.amverdict.engine.VerdictEngine;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;

/**
 * One engine with its own tables, which judges captured packets at the time of their capture and reports every one to a
 * {@link VerdictLog}. The same packets give the same decisions. Not thread-safe.
 */
public final class ReplayRun {
    /** {@link #PERMISSIVE} in words. */
    public static final String PERMISSIVE_TEXT =
            "built-in, every host may ask every host for every service, streams on ports 1024-65535";

    /** For a capture whose configuration is not available. */
    public static final EngineSettings PERMISSIVE = EngineSettings.builder(permissivePolicy())
            .otherTraffic(Verdict.CONTINUE)
            .conclude();

    /** Fixed, so that a run can be repeated; knowing it gives an attacker nothing here. */
    private static final long SEED = 0x616d_7665_7264_6963L;

    private static final int HOUSEKEEPING_SLOTS = 256;

    private final VerdictEngine engine;
    private final PacketBatch packets = new PacketBatch(1, Unpooled.EMPTY_BUFFER);
    private final VerdictBatch verdicts = new VerdictBatch(1);

    /** An engine with these settings, which reports to {@code log}. */
    public ReplayRun(final EngineSettings settings, final TableLimits limits, final VerdictLog log) {
        engine = new VerdictEngine(settings, new Tables(limits, SEED), new EngineCounters(), log);
    }

    private static Policy permissivePolicy() {
        int services = 0;
        for (final Service service : Service.values()) {
            services |= service.bit();
        }
        final HostSet anyHost = HostSet.of("0.0.0.0/0", "::/0");
        return Policy.of(
                List.of(new Allowance("replay", anyHost, anyHost, services, Policy.DEFAULT_STREAM_PORTS, true)));
    }

    /**
     * Judges every packet that the source has left.
     *
     * @throws java.io.UncheckedIOException when a capture cannot be read; what came before it has been reported
     * @throws IllegalStateException when the engine itself failed, which is a bug in the program
     */
    public void judge(final PcapSource source) {
        while (source.receive(packets, 0) > 0) {
            engine.onBatch(packets, verdicts, source.timestampNanos());
            if (verdicts.count() != 1 || verdicts.id(0) != packets.id(0)) {
                throw new IllegalStateException("packet " + packets.id(0) + " has no verdict of its own");
            }
            final RuntimeException failure = engine.lastFailure();
            if (failure != null) {
                throw new IllegalStateException("the engine failed on packet " + packets.id(0), failure);
            }
            engine.housekeep(source.timestampNanos(), HOUSEKEEPING_SLOTS);
        }
    }
}
