package org.amverdict.events;

/** Where events get lost, as the label {@code cause} of {@code amverdict_events_lost_total} names it. */
public enum EventLoss {
    /** A worker reported drops faster than they could be read. */
    RING_DROP("ring-drop"),
    /** A worker reported other events faster than they could be read. */
    RING("ring"),
    /** More events other than drops than the event log takes. */
    LIMIT("limit"),
    /** The file of the event log could not be written. */
    FILE("file"),
    /** The kernel's connection tracking reported more than could be processed: a session may miss its end. */
    CONNTRACK("conntrack");

    private final String label;

    EventLoss(final String label) {
        this.label = label;
    }

    /** Name in metrics and events. */
    public String label() {
        return label;
    }
}
