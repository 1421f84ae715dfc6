package org.amverdict.history;

/**
 * Dumps and recoveries under way: the figure that every report shows.
 *
 * @param running sessions of which a stream is connected and not over
 * @param unseen sessions of which no stream is known to run, but one was let through in the last twelve hours, and whether
 *     it was answered and when it ended is not seen here
 */
public record Dumps(int running, int unseen) {}
