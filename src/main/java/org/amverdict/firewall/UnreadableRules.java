package org.amverdict.firewall;

/**
 * Rules of one tool that could not be read. Immutable.
 *
 * @param tool that would show them
 * @param why for the reader, behind "the rules of TOOL"
 * @param remedy a command that shows more or makes them readable; empty if reading them needs root
 */
public record UnreadableRules(String tool, String why, String remedy) {
    /** Whether reading them needs root. */
    public boolean needsRoot() {
        return remedy.isEmpty();
    }

    /** For the reader. */
    @Override
    public String toString() {
        return "the rules of " + tool + " " + why;
    }
}
