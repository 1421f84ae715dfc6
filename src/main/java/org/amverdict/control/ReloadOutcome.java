package org.amverdict.control;

import java.util.List;
import org.amverdict.json.JsonLine;

/**
 * The outcome of a reload: all of the file is in force, or none of it. Immutable.
 *
 * @param file that was read
 * @param problems every error, each as {@code check} shows it, with its lines and caret; none if the file is in force
 * @param warnings what is valid but probably not meant, as {@code check} shows it
 * @param keys what the file changed
 * @param revoked what was revoked because the new policy forbids it
 * @param notes further notes for the user
 */
public record ReloadOutcome(
        String file, List<String> problems, List<String> warnings, Keys keys, Revoked revoked, List<String> notes) {
    /**
     * The keys whose values are new.
     *
     * @param changed those whose new value is in force
     * @param restart those whose new value needs a restart; the old one stays in force
     */
    public record Keys(List<String> changed, List<String> restart) {
        /** No keys. */
        static final Keys NONE = new Keys(List.of(), List.of());

        public Keys {
            changed = List.copyOf(changed);
            restart = List.copyOf(restart);
        }
    }

    /**
     * What was revoked.
     *
     * @param expectations connections that were still expected
     * @param exchanges those that had not ended
     */
    public record Revoked(int expectations, int exchanges) {
        /** Nothing was revoked. */
        static final Revoked NONE = new Revoked(0, 0);

        /** Whether anything was revoked. */
        public boolean any() {
            return expectations + exchanges > 0;
        }

        @Override
        public String toString() {
            return expectations + " expectations, " + exchanges + " exchanges";
        }
    }

    public ReloadOutcome {
        problems = List.copyOf(problems);
        warnings = List.copyOf(warnings);
        notes = List.copyOf(notes);
    }

    /** The earlier configuration stays in force. */
    public static ReloadOutcome refused(final String file, final List<String> problems) {
        return new ReloadOutcome(file, problems, List.of(), Keys.NONE, Revoked.NONE, List.of());
    }

    /** Whether the file is in force; otherwise the earlier configuration still is, unchanged. */
    public boolean reloaded() {
        return problems.isEmpty();
    }

    /** One line of JSON, as reload.schema.json says. */
    public String toJson() {
        return new JsonLine()
                .add("reloaded", reloaded())
                .add("file", file)
                .add("problems", problems)
                .add("warnings", warnings)
                .add("changed", keys.changed())
                .add("restart", keys.restart())
                .add("revoked_expectations", revoked.expectations())
                .add("revoked_exchanges", revoked.exchanges())
                .add("notes", notes)
                .end();
    }
}
