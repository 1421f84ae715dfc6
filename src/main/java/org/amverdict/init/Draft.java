package org.amverdict.init;

import java.util.List;

/**
 * A first configuration. Immutable.
 *
 * @param yaml the file; empty if no host needs this program
 * @param notes what was left out and why, and what could not be found, for people; one line each
 * @param clients hosts in it
 * @param complete whether every host that needs this program is in it
 */
public record Draft(String yaml, List<String> notes, int clients, boolean complete) {
    public Draft {
        notes = List.copyOf(notes);
    }
}
