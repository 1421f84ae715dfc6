package org.amverdict.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.amverdict.config.ConfigurationProblem.Severity;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Collects the errors of one file, remembers where each key is and how many addresses there are. Used by one thread
 * during loading.
 */
final class Problems {
    /** Reporting more errors than this is no help, and a hostile file could cause millions. */
    static final int ERRORS_MAX = 100;

    private final String file;
    private final String[] lines;
    private final List<ConfigurationProblem> errors = new ArrayList<>();
    private final List<ConfigurationProblem> warnings = new ArrayList<>();
    private final Map<String, int[]> places = new HashMap<>();
    private int left;
    private int addresses;

    Problems(final String file, final String text) {
        this.file = file;
        this.lines = text.split("\r\n|\r|\n", -1);
    }

    void error(final Node at, final String message) {
        error(at.getStartMark(), message);
    }

    void error(final Optional<Mark> at, final String message) {
        error(
                at.map(mark -> mark.getLine() + 1).orElse(0),
                at.map(mark -> mark.getColumn() + 1).orElse(0),
                message);
    }

    void error(final int line, final int column, final String message) {
        if (errors.size() == ERRORS_MAX) {
            left++;
        } else {
            errors.add(problem(Severity.ERROR, line, column, message));
        }
    }

    /** Something that is valid and probably not meant, which only the text shows; at most as many as errors. */
    void warn(final Node at, final String message) {
        if (warnings.size() < ERRORS_MAX) {
            final int line = at.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
            final int column =
                    at.getStartMark().map(mark -> mark.getColumn() + 1).orElse(0);
            warnings.add(problem(Severity.WARNING, line, column, message));
        }
    }

    /** What the text showed, then what the settings show, the latter with their places. */
    List<ConfigurationProblem> warnings(final List<SettingsWarning> ofSettings) {
        return Stream.concat(warnings.stream(), ofSettings.stream().map(this::located))
                .toList();
    }

    /** Remembers the place of a key for warnings. */
    void place(final String path, final Node at) {
        at.getStartMark().ifPresent(mark -> places.put(path, new int[] {mark.getLine() + 1, mark.getColumn() + 1}));
    }

    /** A warning at the place of its key, or of the nearest key around it. */
    private ConfigurationProblem located(final SettingsWarning warning) {
        String path = warning.path();
        int @Nullable [] place = places.get(path);
        while (place == null && path.indexOf('.') >= 0) {
            path = path.substring(0, path.lastIndexOf('.'));
            place = places.get(path);
        }
        return place == null
                ? problem(Severity.WARNING, 0, 0, warning.toString())
                : problem(Severity.WARNING, place[0], place[1], warning.toString());
    }

    /** Counts more addresses of the file, and returns how many it has now. */
    int countAddresses(final int more) {
        addresses += more;
        return addresses;
    }

    private ConfigurationProblem problem(
            final Severity severity, final int line, final int column, final String message) {
        final String source = line >= 1 && line <= lines.length ? lines[line - 1] : "";
        // To the parser a CR that ends the file is a character of its line.
        final int end = source.codePointCount(0, source.length()) + 1;
        return new ConfigurationProblem(severity, file, line, Math.min(column, end), source, message);
    }

    boolean any() {
        return !errors.isEmpty();
    }

    void throwIfAny() throws ConfigurationException {
        if (errors.isEmpty()) {
            return;
        }
        final List<ConfigurationProblem> sorted = new ArrayList<>(errors);
        sorted.sort(Comparator.comparingInt(ConfigurationProblem::line).thenComparingInt(ConfigurationProblem::column));
        if (left > 0) {
            sorted.add(problem(Severity.ERROR, 0, 0, left + " more errors; fix these first"));
        }
        throw new ConfigurationException(sorted);
    }
}
