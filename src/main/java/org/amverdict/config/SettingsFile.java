package org.amverdict.config;

import java.util.List;

/**
 * The result of reading one file.
 *
 * @param settings valid settings
 * @param warnings what {@link Settings#warnings} says, with the places in the file
 */
public record SettingsFile(Settings settings, List<ConfigurationProblem> warnings) {}
