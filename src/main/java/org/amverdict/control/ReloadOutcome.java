package org.amverdict.control;

import java.util.List;
import org.amverdict.json.JsonLine;

/**
 * What came of a reload. Immutable.
 *
 * @param reloaded false: the earlier configuration stays in force, whole
 * @param file that was read
 * @param problems if not reloaded, every error, each as {@code check} shows it, with its lines and caret
 * @param warnings what is valid but probably not meant, as {@code check} shows it
 * @param changed keys whose new value is in force
 * @param restart keys whose new value needs a restart; the old one stays in force
 * @param revokedExpectations expectations taken back because the new policy forbids them
 * @param revokedExchanges exchanges that had not ended and were forgotten for that reason
 * @param notes what else is to be known
 */
public record ReloadOutcome(
        boolean reloaded,
        String file,
        List<String> problems,
        List<String> warnings,
        List<String> changed,
        List<String> restart,
        int revokedExpectations,
        int revokedExchanges,
        List<String> notes) {
    public ReloadOutcome {
        problems = List.copyOf(problems);
        warnings = List.copyOf(warnings);
        changed = List.copyOf(changed);
        restart = List.copyOf(restart);
        notes = List.copyOf(notes);
    }

    /** The earlier configuration stays in force. */
    public static ReloadOutcome refused(final String file, final List<String> problems) {
        return new ReloadOutcome(false, file, problems, List.of(), List.of(), List.of(), 0, 0, List.of());
    }

    /** One line of JSON, as reload.schema.json says. */
    public String toJson() {
        return new JsonLine()
                .add("reloaded", reloaded)
                .add("file", file)
                .add("problems", problems)
                .add("warnings", warnings)
                .add("changed", changed)
                .add("restart", restart)
                .add("revoked_expectations", revokedExpectations)
                .add("revoked_exchanges", revokedExchanges)
                .add("notes", notes)
                .end();
    }
}
