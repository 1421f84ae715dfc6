package org.amverdict.init;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.amverdict.amanda.AmandaPorts;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.Settings;
import org.amverdict.config.SettingsLoader;
import org.amverdict.policy.PortSet;

/**
 * What a first configuration takes over from the file in whose place it is written: every setting but the mode and the lines
 * of {@code allow}, such as the group of the control socket that the package sets. Immutable.
 */
public final class Kept {
    /** Of no file. */
    public static final Kept NOTHING = new Kept("", Map.of(), Set.of());

    private static final String QUEUES = "queues";

    private final String file;
    private final Map<String, String> lines;
    private final Set<Integer> controlPorts;

    private Kept(final String file, final Map<String, String> lines, final Set<Integer> controlPorts) {
        this.file = file;
        this.lines = lines;
        this.controlPorts = controlPorts;
    }

    /**
     * Of that file.
     *
     * @throws ConfigurationException if the file is not valid, so that it is not known what it says
     */
    public static Kept of(final Path file) throws ConfigurationException {
        final Settings settings = SettingsLoader.load(file);
        final Map<String, String> lines =
                new LinkedHashMap<>(settings.differencesFrom(SettingsLoader.load(DraftText.QUEUES, QUEUES)));
        lines.keySet().removeAll(Set.of("mode", "allow", "control-ports"));
        final Set<Integer> ports = new TreeSet<>();
        final PortSet all = settings.controlPorts();
        for (int range = 0; range < all.rangeCount(); range++) {
            for (int port = all.first(range); port <= all.last(range); port++) {
                ports.add(port);
            }
        }
        ports.remove(AmandaPorts.AMANDA);
        return new Kept(file.toString(), lines, ports);
    }

    Set<Integer> controlPorts() {
        return controlPorts;
    }

    boolean hasQueues() {
        return lines.containsKey(QUEUES);
    }

    /** YAML with a comment, or nothing. */
    String yaml() {
        return lines.isEmpty() ? "" : "\n# Kept from " + file + ".\n" + String.join("\n", lines.values()) + "\n";
    }

    /** For people: which keys; empty if none. */
    String note() {
        return lines.isEmpty() ? "" : "kept from " + file + ": " + String.join(", ", lines.keySet());
    }
}
