package org.amverdict.history;

/**
 * Dumps and recoveries under way: the figure that every report shows.
 *
 * @param running sessions with a stream that is connected and not over
 * @param unseen sessions without a stream that is known to run, but with one that was let through in the last
 *     twelve hours and whose answer and end are not visible here
 */
public record Dumps(int running, int unseen) {}
