package org.amverdict.firewall;

/**
 * Rules of one tool that could not be read. Immutable.
 *
 * @param tool that would show them
 * @param needsRoot whether reading them needs root
 * @param why for the reader, behind "the rules of TOOL"
 */
public record UnreadableRules(String tool, boolean needsRoot, String why) {
    /** For the reader. */
    @Override
    public String toString() {
        return "the rules of " + tool + " " + why;
    }
}
