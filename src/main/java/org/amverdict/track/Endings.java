package org.amverdict.track;

/**
 * Hears what ends in the tables: flows, expectations that nobody took, transactions that got no reply. Called by the
 * worker that noticed, with no stripe of a table locked; must neither block nor keep the argument.
 */
@FunctionalInterface
public interface Endings {
    /** Hears nothing. */
    Endings NONE = ending -> {};

    void ended(Ending ending);
}
