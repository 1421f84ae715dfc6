package org.amverdict.doctor;

import java.util.List;
import org.amverdict.config.ConfigurationProblem;
import org.amverdict.config.ConfigurationProblem.Severity;
import org.amverdict.host.Host;

/** The configuration is valid; every error and every warning, as {@code amverdict check} prints them. */
final class ConfigurationCheck implements Check {
    @Override
    public String name() {
        return "configuration";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination) {
        if (examination.problems().isEmpty()) {
            return List.of(Finding.ok(examination.file() + " is valid"));
        }
        return examination.problems().stream()
                .map(problem -> new Finding(
                        problem.severity() == Severity.ERROR ? Status.FAULT : Status.WARNING,
                        place(problem) + problem.message(),
                        "amverdict check " + examination.file()))
                .toList();
    }

    private static String place(final ConfigurationProblem problem) {
        return problem.file() + (problem.line() == 0 ? ": " : ":" + problem.line() + ":" + problem.column() + ": ");
    }
}
