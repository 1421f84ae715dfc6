package org.amverdict.replay;

import java.time.Instant;
import java.util.function.Consumer;
import org.amverdict.amanda.ControlHeader;
import org.amverdict.engine.Decision;
import org.amverdict.engine.EngineEvents;
import org.amverdict.engine.Verdict;
import org.amverdict.packet.PacketView;
import org.amverdict.packet.UdpView;
import org.jspecify.annotations.Nullable;

/**
 * Writes what an engine decided: a first line, one line per packet (number, time after the first packet, packet,
 * verdict, reason, what decided) and a summary; as text or as JSON. The same packets give the same lines. The engine
 * gets it as its {@link EngineEvents}; not thread-safe.
 */
public final class VerdictLog implements EngineEvents {
    private final LineFormat format;
    private final Consumer<String> lines;
    private final ReplaySummary summary = new ReplaySummary();
    private final ControlHeader header = new ControlHeader();
    private boolean started;
    private long startNanos;

    private VerdictLog(final LineFormat format, final Consumer<String> lines) {
        this.format = format;
        this.lines = lines;
    }

    /** A log for people; {@code lines} gets each line without its line end. */
    public static VerdictLog text(final Consumer<String> lines) {
        return new VerdictLog(new TextFormat(), lines);
    }

    /** One JSON object per line. */
    public static VerdictLog json(final Consumer<String> lines) {
        return new VerdictLog(new JsonFormat(), lines);
    }

    /** Writes the first line: names of the captures, and the policy in words. */
    public void start(final String captures, final String policy) {
        lines.accept(format.start(captures, policy));
    }

    @Override
    public boolean wantsEveryPacket() {
        return true;
    }

    @Override
    public void decided(final PacketView packet, final Decision decision, final long nowNanos) {
        if (!started) {
            started = true;
            startNanos = nowNanos;
        }
        final ControlHeader found = decision.messageType() == null ? null : headerOf(packet);
        summary.add(packet, decision, found, nowNanos - startNanos);
        lines.accept(format.packet(packet, decision, found, Instant.EPOCH.plusNanos(nowNanos), nowNanos - startNanos));
    }

    private @Nullable ControlHeader headerOf(final PacketView packet) {
        final UdpView udp = packet.udp();
        return header.wrap(packet.buffer(), udp.payloadOffset(), udp.availablePayload()) ? header : null;
    }

    /** Writes the summary, with what the source says about its captures. */
    public void end(final PcapSource source) {
        summary.end(source);
        format.summary(summary, lines::accept);
    }

    /** Streams that replies have announced so far; those beyond 65,536 are not counted. */
    public int streamsAnnounced() {
        return summary.streams().size();
    }

    /** Announced streams whose connection was let in. */
    public int streamsConnected() {
        return summary.connectedStreams();
    }

    /** SYNs that were not let in, for whatever reason: dropped, or left to other rules. */
    public long synsRefused() {
        return summary.refusedSynCount(Verdict.DROP) + summary.refusedSynCount(Verdict.CONTINUE);
    }
}
