package org.amverdict.track;

import static org.amverdict.track.FlowRecord.INTERFACES;

import org.amverdict.table.SlotTable;

/** Where the packets of flows may come in: where those of the other direction go out. Any thread. */
final class FlowInterfaces {
    private final SlotTable slots;
    private final TcpTracker tcp;
    private final Interfaces interfaces;

    /** @param slots the flows */
    FlowInterfaces(final SlotTable slots, final TcpTracker tcp, final Interfaces interfaces) {
        this.slots = slots;
        this.tcp = tcp;
        this.interfaces = interfaces;
    }

    /**
     * Whether a packet on interfaces other than the known ones comes in where it may; notes what is new. If the
     * interface is unknown or gone, only a packet that is right in everything else counts as evidence.
     */
    boolean keeps(final int slot, final boolean reply, final int state, final Segment segment) {
        final long pair = slots.value(slot, INTERFACES);
        final int inInterface = segment.inInterface();
        final int known = side(pair, reply);
        final boolean proves = known == inInterface
                || ((known == 0 || !interfaces.exists(known)) && isRight(slot, reply, state, segment));
        if (!proves && !fits(pair, reply, inInterface)) {
            return false;
        }
        final int in = proves ? inInterface : 0;
        final int out = segment.outInterface();
        final long learnt = InterfacePair.learn(pair, reply ? InterfacePair.of(out, in) : InterfacePair.of(in, out));
        if (learnt != pair) {
            slots.setValue(slot, INTERFACES, learnt);
        }
        return true;
    }

    private boolean isRight(final int slot, final boolean reply, final int state, final Segment segment) {
        final boolean answersSyn = reply && state == TcpState.SYN_SENT;
        return answersSyn ? tcp.answersSyn(slot, segment.acknowledgement) : tcp.isNear(slot, reply, segment.sequence);
    }

    /**
     * Whether a plain SYN comes in where it may.
     *
     * @param repeats it repeats the flow's first one: then it may come from elsewhere if the interface is gone
     */
    boolean admits(final long pair, final boolean reply, final Segment syn, final boolean repeats) {
        return fits(pair, reply, syn.inInterface()) || (repeats && !interfaces.exists(side(pair, reply)));
    }

    /** Whether a SYN can be of the flow's originator; an interface that is gone excludes no packet. */
    boolean isFromOriginator(final long pair, final Segment syn) {
        return InterfacePair.requesterFits(pair, syn.inInterface(), interfaces);
    }

    /** Whether an ICMP error that came in there may quote a segment that went to the other side. */
    boolean mayQuote(final long pair, final boolean reply, final int inInterface) {
        return reply
                ? InterfacePair.requesterFits(pair, inInterface, interfaces)
                : InterfacePair.responderFits(pair, inInterface, interfaces);
    }

    private static boolean fits(final long pair, final boolean reply, final int inInterface) {
        return reply ? InterfacePair.responderFits(pair, inInterface) : InterfacePair.requesterFits(pair, inInterface);
    }

    /** Where the sender of the packet is. */
    private static int side(final long pair, final boolean reply) {
        return reply ? InterfacePair.responderSide(pair) : InterfacePair.requesterSide(pair);
    }
}
