package org.amverdict.config;

import java.util.List;
import java.util.stream.Collectors;

/** The configuration cannot be used. Carries every error that was found, in the order of the file. */
public final class ConfigurationException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<ConfigurationProblem> problems;

    ConfigurationException(final List<ConfigurationProblem> problems) {
        super(problems.stream().map(ConfigurationProblem::format).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** At least one. */
    public List<ConfigurationProblem> problems() {
        return problems;
    }
}
