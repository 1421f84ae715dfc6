package org.amverdict.simulation;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * What links do to honest packets: they delay, so that packets overtake each other, lose, and duplicate some. They lose
 * no packet that was sent before, and of one control exchange at most one datagram, because Amanda itself repeats its
 * datagrams no more than two or four times.
 */
final class Links {
    private static final int LOST_ONE_IN = 30;
    private static final int DOUBLED_ONE_IN = 30;
    private static final int SLOW_ONE_IN = 10;
    private static final long SLOW = 20_000 * Simulation.MICRO;

    private final @Nullable SplittableRandom random;
    private final Set<String> touched = new HashSet<>();

    /** @param random null if links are perfect */
    Links(final @Nullable SplittableRandom random) {
        this.random = random;
    }

    /** How much longer than usual this packet takes. */
    long delay() {
        final SplittableRandom chance = random;
        return chance != null && chance.nextInt(SLOW_ONE_IN) == 0 ? chance.nextLong(SLOW) : 0;
    }

    boolean loses(final Packet packet, final boolean sure) {
        return random != null && !sure && random.nextInt(LOST_ONE_IN) == 0 && mayLose(packet);
    }

    boolean doubles(final Packet packet) {
        return random != null && random.nextInt(DOUBLED_ONE_IN) == 0 && !(packet instanceof Packet.Raw);
    }

    /** Whether an exchange outlives the loss of this packet, which was not sent before; if so it is lost. */
    boolean mayLose(final Packet packet) {
        return packet instanceof Packet.Segment
                || (packet instanceof Packet.Datagram datagram
                        && touched.add(datagram.handle() + ' ' + datagram.number()));
    }
}
