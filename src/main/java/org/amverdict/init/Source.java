package org.amverdict.init;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.amverdict.host.ToolException;

/**
 * Where the hosts come from. Immutable.
 *
 * @param name of the source, for people
 * @param label short, for the names of the lines
 * @param entries of the disk list
 */
public record Source(String name, String label, List<DiskEntry> entries) {
    private static final int LABEL_MAX = 40;

    public Source {
        entries = List.copyOf(entries);
    }

    /**
     * Amanda's configuration of that name, by its own amadmin.
     *
     * @throws ToolException if amadmin is not there, or refuses
     * @throws IOException if it is no name of a configuration
     */
    public static Source ofAmanda(final String configuration) throws ToolException, IOException {
        if (!configuration.matches("[A-Za-z0-9_./][A-Za-z0-9_./ -]*")) {
            throw new IOException("'" + configuration + "' is not the name of an Amanda configuration");
        }
        return new Source(
                "Amanda's configuration " + configuration, label(configuration), Amadmin.disklist(configuration));
    }

    /**
     * A disk list alone.
     *
     * @throws IOException if it cannot be read; the message names it
     */
    public static Source ofDisklist(final Path file) throws IOException {
        final Path directory = file.toAbsolutePath().getParent();
        final Path name = directory == null ? null : directory.getFileName();
        return new Source("the disk list " + file, label(name == null ? "" : name.toString()), DisklistFile.read(file));
    }

    private static String label(final String name) {
        final String kept = name.replaceAll("[^A-Za-z0-9_.-]", "-");
        return kept.substring(0, Math.min(LABEL_MAX, kept.length()));
    }
}
