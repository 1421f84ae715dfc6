package org.amverdict.track;

/**
 * Receives what ends in the tables: flows, expectations that no SYN took, transactions that got no reply. Called by the
 * worker that noticed, with no stripe of a table locked; must not block or keep the argument.
 */
@FunctionalInterface
public interface Endings {
    /** Ignores every ending. */
    Endings NONE = ending -> {};

    void ended(Ending ending);
}
