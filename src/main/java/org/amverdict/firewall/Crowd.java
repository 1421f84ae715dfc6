package org.amverdict.firewall;

/**
 * All paths of a walk at one point: whether the packet is perhaps here, and whether a queue of ours has judged it before.
 * Nobody is here if it is sure that the packet is elsewhere. Not thread-safe.
 */
final class Crowd {
    final Sight sight;
    private boolean fresh;
    private boolean judged;

    private Crowd(final Sight sight, final boolean fresh, final boolean judged) {
        this.sight = sight;
        this.fresh = fresh;
        this.judged = judged;
    }

    /** The packet as it comes in. */
    static Crowd of(final Sight sight) {
        return new Crowd(sight, true, false);
    }

    /** Perhaps here without having met a queue. */
    boolean fresh() {
        return fresh;
    }

    /** Perhaps here after a queue has accepted it. */
    boolean judged() {
        return judged;
    }

    boolean nobody() {
        return !fresh && !judged;
    }

    Crowd copy() {
        return new Crowd(sight.copy(), fresh, judged);
    }

    Crowd none() {
        return new Crowd(sight.copy(), false, false);
    }

    void add(final Crowd other) {
        if (other.nobody()) {
            return;
        }
        if (nobody()) {
            // What is known of nobody says nothing.
            sight.become(other.sight);
        } else {
            sight.join(other.sight);
        }
        fresh |= other.fresh;
        judged |= other.judged;
    }

    void leave() {
        fresh = false;
        judged = false;
    }

    /** A queue of ours has just accepted the packet. */
    Crowd judgedNow() {
        fresh = false;
        judged = true;
        return this;
    }

    Certainty queued() {
        return Certainty.of(judged).butPerhapsNot(fresh);
    }
}
