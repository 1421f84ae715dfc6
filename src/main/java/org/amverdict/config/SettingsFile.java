package org.amverdict.config;

import java.util.List;

/**
 * What one file gave.
 *
 * @param settings valid settings
 * @param warnings what {@link Settings#warnings} says, with the places in the file
 */
public record SettingsFile(Settings settings, List<ConfigurationProblem> warnings) {}
