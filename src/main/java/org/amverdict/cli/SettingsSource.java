package org.amverdict.cli;

import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.Settings;
import org.amverdict.config.SettingsFile;
import org.amverdict.config.SettingsLoader;

/**
 * Where the settings of the daemon come from, at the start and at each reload. Any thread.
 *
 * @param file the configuration
 * @param commandLine applies the command line on top of the file
 */
record SettingsSource(Path file, UnaryOperator<Settings> commandLine) {
    /** The settings to use, and the warnings about the file. */
    SettingsFile read() throws ConfigurationException {
        final SettingsFile read = SettingsLoader.read(file);
        return new SettingsFile(commandLine.apply(read.settings()), read.warnings());
    }
}
