package org.amverdict.track;

import org.amverdict.table.RecordBuffers;

/**
 * Where one worker builds keys and where the tables leave what they found. One instance per worker, never shared; what
 * it holds is valid until the next call of any table with it, except where noted.
 */
public final class Scratch extends RecordBuffers {
    /** For an expectation that is rearmed. */
    final Announcement announcement = new Announcement();

    final Ending ending = new Ending();
    final FlowSnapshot flow = new FlowSnapshot();
    final Taken taken = new Taken();
    final Followed followed = new Followed();
    final Missed missed = new Missed();
    private final Endings endings;

    long ownersSides;

    /** Endings are ignored. */
    public Scratch() {
        this(Endings.NONE);
    }

    /** @param endings receives what ends through calls with this scratch */
    public Scratch(final Endings endings) {
        this.endings = endings;
    }

    /** Reports {@link #ending}; no stripe may be locked. */
    void tell() {
        endings.ended(ending);
    }

    /** Whether endings have a receiver. */
    boolean heard() {
        return endings != Endings.NONE;
    }

    /** What {@link ExpectationTable#consume} has taken. */
    public Taken taken() {
        return taken;
    }

    /** What {@link FlowTable#follow} or {@link FlowTable#open} has found. */
    public Followed followed() {
        return followed;
    }

    /** What {@link NearExpectations#miss} or {@link NearExpectations#otherRequester} has found. */
    public Missed missed() {
        return missed;
    }

    /** {@link InterfacePair} of the expectation that {@link ExpectationTable#owner} has found. */
    public long ownersSides() {
        return ownersSides;
    }
}
