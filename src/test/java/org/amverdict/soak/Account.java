package org.amverdict.soak;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amverdict.nfqueue.KernelQueues.KernelQueue;

/**
 * Where every packet is: what all processes said when they ended, what the kernel counts, and what arrived. Of a killed
 * process nobody knows what it had judged since its start, so only that may be missing.
 */
final class Account {
    private static final Pattern JUDGED = Pattern.compile("judged since the start: (\\d+) drop, (\\d+) accept, (\\d+)");

    private long accepted;
    private long dropped;
    private long continued;
    private long unanswered;
    private int killed;

    /** A process has ended by itself. */
    void ended(final String output) {
        final Matcher judged = JUDGED.matcher(output);
        if (!judged.find()) {
            throw new AssertionError("no counts at the end of: " + output);
        }
        dropped += Long.parseLong(judged.group(1));
        accepted += Long.parseLong(judged.group(2));
        continued += Long.parseLong(judged.group(3));
    }

    /** One was killed; the next one has dropped what that one had read. */
    void killed(final long unansweredPackets) {
        killed++;
        unanswered += unansweredPackets;
    }

    /** Throws unless everything is accounted for. */
    String check(final KernelQueue kernel, final long arrived, final long lostBehind) {
        final long known = accepted + dropped + continued + unanswered + kernel.userDropped();
        final long unknown = kernel.lastId() - known;
        final long unknownArrived = arrived + lostBehind - accepted;
        final String what =
                ("%,d packets were queued: %,d accepted, %,d dropped, %,d continued, %,d read by a process that"
                                + " was killed, %,d lost for want of a buffer, %,d refused by the full queue;"
                                + " %,d judged by %d killed processes; %,d arrived, %d lost behind the firewall")
                        .formatted(
                                kernel.lastId(),
                                accepted,
                                dropped,
                                continued,
                                unanswered,
                                kernel.userDropped(),
                                kernel.dropped(),
                                unknown,
                                killed,
                                arrived,
                                lostBehind);
        final boolean holds = killed == 0
                ? unknown == 0 && unknownArrived == 0
                : unknown >= 0 && unknownArrived >= 0 && unknownArrived <= unknown;
        if (!holds || kernel.waiting() != 0) {
            throw new AssertionError("the counts do not agree: " + what);
        }
        return what;
    }
}
