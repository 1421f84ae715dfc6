package org.amverdict.worker;

import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.amverdict.nfqueue.ffi.Errno;
import org.amverdict.nfqueue.ffi.FaultyLibC;
import org.amverdict.nfqueue.ffi.FaultyLibC.Outcome;

/** Decides which faults happen, and counts them: the same ones for the same seed. One thread. */
final class FaultInjector {
    private final SplittableRandom random;
    private final Set<Fault> wanted;
    private final Map<Fault, Integer> happened = new EnumMap<>(Fault.class);
    private final int oneIn;
    /** Sends that fail from now on, whatever the chance. */
    private int failingSends;

    private int failure;
    private boolean ended;

    /** What can go wrong between the kernel and the engine. */
    enum Fault {
        /** The kernel loses a packet: its message does not fit into the receive buffer. */
        LOSE,
        DUPLICATE,
        REORDER,
        /** The end of the packet is missing. */
        TRUNCATE,
        /** A bit of the packet is wrong. */
        FLIP,
        /** The message is damaged so that the packet's id cannot be read. */
        UNREADABLE,
        /** The message arrives some receives later, with all that follow. */
        DELAY,
        RECEIVE_ENOBUFS,
        RECEIVE_EINTR,
        RECEIVE_EAGAIN,
        SEND_EINTR,
        SEND_EAGAIN,
        SEND_ENOBUFS,
        SEND_ENOMEM,
        SEND_SHORT,
        /** The kernel takes no verdicts for a while. */
        SEND_REFUSED,
        /** The kernel no longer has a packet that it has handed over, as when its interface went down. */
        FORGET
    }

    /** @param oneIn the chance of each fault at each opportunity */
    FaultInjector(final long seed, final Set<Fault> wanted, final int oneIn) {
        random = new SplittableRandom(seed);
        this.wanted = Set.copyOf(wanted);
        this.oneIn = oneIn;
    }

    boolean happens(final Fault fault) {
        if (ended || !wanted.contains(fault) || random.nextInt(oneIn) != 0) {
            return false;
        }
        happened.merge(fault, 1, Integer::sum);
        return true;
    }

    /** How often it happened. */
    int count(final Fault fault) {
        return happened.getOrDefault(fault, 0);
    }

    /** Below {@code bound}. */
    int random(final int bound) {
        return random.nextInt(bound);
    }

    /** From now on all goes well. */
    void end() {
        ended = true;
        failingSends = 0;
    }

    /** As {@link FaultyLibC#of} wants it. */
    Outcome systemCall(final String function, final Object... arguments) {
        return switch (function) {
            case "recvmmsg" -> receive();
            case "send" -> send((long) arguments[2]);
            default -> Outcome.REAL;
        };
    }

    private Outcome receive() {
        if (happens(Fault.RECEIVE_ENOBUFS)) {
            return new Outcome.Failed(Errno.ENOBUFS);
        }
        if (happens(Fault.RECEIVE_EINTR)) {
            return new Outcome.Failed(Errno.EINTR);
        }
        return happens(Fault.RECEIVE_EAGAIN) ? new Outcome.Failed(Errno.EAGAIN) : Outcome.REAL;
    }

    private Outcome send(final long length) {
        if (failingSends > 0) {
            failingSends--;
            return new Outcome.Failed(failure);
        }
        if (happens(Fault.SEND_REFUSED)) {
            failingSends = random(400); // more than a send tries, more than a sink holds
            failure = random(2) == 0 ? Errno.ENOBUFS : Errno.ENOMEM;
            return new Outcome.Failed(failure);
        }
        if (happens(Fault.SEND_EINTR)) {
            return new Outcome.Failed(Errno.EINTR);
        }
        if (happens(Fault.SEND_EAGAIN)) {
            return new Outcome.Failed(Errno.EAGAIN);
        }
        if (happens(Fault.SEND_ENOBUFS)) {
            return new Outcome.Failed(Errno.ENOBUFS);
        }
        if (happens(Fault.SEND_ENOMEM)) {
            return new Outcome.Failed(Errno.ENOMEM);
        }
        return happens(Fault.SEND_SHORT) ? new Outcome.Returned(random((int) length)) : Outcome.REAL;
    }
}
