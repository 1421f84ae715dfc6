package org.amverdict.config;

import java.util.EnumMap;
import java.util.Map;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.StreamMarks;
import org.amverdict.engine.Verdict;
import org.amverdict.nfqueue.QueueSettings;
import org.amverdict.track.TableLimits;

/** What the settings mean to the engine, its tables and its queues. Stateless. */
public final class EngineConfiguration {
    /** Enough for the headers of any TCP packet: IPv6 with a few extension headers, and TCP with all its options. */
    private static final int HEADERS_BYTES = 256;

    private EngineConfiguration() {}

    /** What the engines judge by. */
    public static EngineSettings engineSettings(final Settings settings) {
        final Map<StreamName, Long> marks = new EnumMap<>(StreamName.class);
        for (final StreamName stream : StreamName.values()) {
            final long mark = settings.marks().of(stream);
            if (mark != Settings.Marks.NONE) {
                marks.put(stream, mark);
            }
        }
        return EngineSettings.builder(settings.policy())
                .enforce(settings.mode() == Settings.Mode.ENFORCE)
                .otherTraffic(settings.otherTraffic())
                .continueMark(settings.continueMark())
                .dropRefusedReplies(settings.refusedReply() == Verdict.DROP)
                .marks(
                        marks.isEmpty()
                                ? StreamMarks.NONE
                                : new StreamMarks(marks, settings.marks().mask()))
                .published(settings.published())
                .matchInterfaces(settings.matchInterfaces())
                .adoptFlows(settings.flows().adopt())
                .conclude();
    }

    /** How large the tables are and how long their records live. */
    public static TableLimits limits(final Settings settings) {
        return new TableLimits(
                new TableLimits.Transactions(
                        settings.transactions().capacity(),
                        settings.transactions().perRequester(),
                        settings.transactions().keptNs()),
                new TableLimits.Expectations(
                        settings.expectations().capacity(),
                        settings.expectations().perRequester(),
                        settings.expectations().lifetimeNs(),
                        settings.expectations().perReply()),
                new TableLimits.Flows(
                        settings.flows().capacity(), settings.flows().idleNs()));
    }

    /**
     * How a queue is opened.
     *
     * @param range the configuration of it and its neighbors
     * @param queue its number
     */
    public static QueueSettings queueSettings(final Settings settings, final QueueRange range, final int queue) {
        return QueueSettings.builder(queue)
                .maxLength(settings.queueLength())
                .copyRangeBytes(range.copy() == Settings.Copy.PACKET ? QueueSettings.COPY_WHOLE_PACKET : HEADERS_BYTES)
                .failOpen(settings.overload() == Verdict.ACCEPT)
                .gso(range.gso())
                .conclude();
    }
}
