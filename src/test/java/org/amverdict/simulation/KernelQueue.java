package org.amverdict.simulation;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;

/**
 * One queue as the kernel keeps it (nfnetlink_queue.c): a packet is held from its arrival until a verdict names its id,
 * or until a batch verdict names an id that is not before its own. Reads the messages that the program would send.
 */
final class KernelQueue {
    private static final int LENGTH_BYTES = 4;
    private static final int TYPE_AT = 4;
    private static final int VERDICT_AT = 24;
    private static final int ID_AT = 28;
    /** NFNL_SUBSYS_QUEUE in the upper byte, NFQNL_MSG_VERDICT and NFQNL_MSG_VERDICT_BATCH in the lower one. */
    private static final int SINGLE = 0x301;

    private static final int BATCH = 0x303;
    private static final int ACCEPT = 1;
    private static final int REPEAT = 4;
    private static final int UNDECIDED = -1;

    /** A packet that the kernel holds. */
    static final class Held {
        final int id;
        final Passage passage;
        /** What the program has decided; the kernel does not know it yet. */
        int decided = UNDECIDED;

        Held(final int id, final Passage passage) {
            this.id = id;
            this.passage = passage;
        }
    }

    private final Deque<Held> held = new ArrayDeque<>();
    private final Deque<Held> unread = new ArrayDeque<>();
    private int nextId;

    /** @param firstId ids may begin anywhere; after 2^32 - 1 comes 0 */
    KernelQueue(final int firstId) {
        nextId = firstId;
    }

    void add(final Passage passage) {
        final Held one = new Held(nextId++, passage);
        held.add(one);
        unread.add(one);
    }

    boolean hasUnread() {
        return !unread.isEmpty();
    }

    /** The next packets for the program, which stay held. */
    List<Held> read(final int most) {
        final List<Held> read = new ArrayList<>();
        while (read.size() < most && !unread.isEmpty()) {
            read.add(unread.remove());
        }
        return read;
    }

    /** Drops what is held, as the kernel does with all of it when the socket is closed, or an interface goes. */
    void flush(final Predicate<Passage> which) {
        held.removeIf(one -> which.test(one.passage));
        unread.removeIf(one -> which.test(one.passage));
    }

    /**
     * Takes verdict messages.
     *
     * @return what gets through, in the order in which it does
     */
    List<Passage> answer(final ByteBuf messages, final int length) {
        final List<Passage> passing = new ArrayList<>();
        int at = 0;
        while (at < length) {
            final int type = messages.getUnsignedShortLE(at + TYPE_AT);
            final int verdict = messages.getInt(at + VERDICT_AT);
            final int id = messages.getInt(at + ID_AT);
            switch (type) {
                case SINGLE -> answerOne(id, verdict, passing);
                case BATCH -> answerUpTo(id, verdict, passing);
                default -> throw new AssertionError("P5: no verdict message, type " + type);
            }
            at += messages.getIntLE(at) + LENGTH_BYTES - 1 & -LENGTH_BYTES;
        }
        return passing;
    }

    private void answerOne(final int id, final int verdict, final List<Passage> passing) {
        for (final Iterator<Held> each = held.iterator(); each.hasNext(); ) {
            final Held one = each.next();
            if (one.id == id) {
                each.remove();
                conclude(one, verdict, passing);
                return;
            }
        }
    }

    private void answerUpTo(final int maxId, final int verdict, final List<Passage> passing) {
        for (final Iterator<Held> each = held.iterator(); each.hasNext(); ) {
            final Held one = each.next();
            if (one.id - maxId > 0) {
                return;
            }
            each.remove();
            conclude(one, verdict, passing);
        }
    }

    private static void conclude(final Held one, final int verdict, final List<Passage> passing) {
        if (one.decided != verdict) {
            throw new AssertionError("O2: packet " + Integer.toUnsignedString(one.id) + ", " + one.passage.packet()
                    + ", was decided " + name(one.decided) + " and got " + name(verdict));
        }
        if (verdict == ACCEPT || verdict == REPEAT) {
            passing.add(one.passage);
        }
    }

    private static String name(final int verdict) {
        return switch (verdict) {
            case 0 -> "drop";
            case ACCEPT -> "accept";
            case REPEAT -> "continue";
            case UNDECIDED -> "nothing yet";
            default -> Integer.toString(verdict);
        };
    }

    /** Whether one of these is still held. */
    boolean holds(final List<Held> some) {
        for (final Held one : some) {
            if (held.contains(one)) {
                return true;
            }
        }
        return false;
    }
}
