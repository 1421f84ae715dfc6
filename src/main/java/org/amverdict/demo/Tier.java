package org.amverdict.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/** How real the demo can be here; operations.md, "First run". */
public enum Tier {
    UNPRIVILEGED("tier 1: real packets without root, in a user namespace and network namespaces of its own"),
    ROOT("tier 2: real packets as root, in network namespaces of its own"),
    REPLAY("tier 3: offline replay, no packets were touched");

    /** Environment variable that names the tier in lower case, so that the demo need not detect it. */
    public static final String VARIABLE = "AMVERDICT_DEMO_TIER";

    private final String label;

    Tier(final String label) {
        this.label = label;
    }

    /** First line of the demo. */
    public String label() {
        return label;
    }

    /**
     * The tier with that name in lower case.
     *
     * @throws IllegalArgumentException lists the names
     */
    static Tier named(final String text) {
        for (final Tier tier : values()) {
            if (tier.name().toLowerCase(Locale.ROOT).equals(text)) {
                return tier;
            }
        }
        throw new IllegalArgumentException(VARIABLE + " is '" + text + "', must be one of "
                + Arrays.toString(values()).toLowerCase(Locale.ROOT));
    }

    /** The tier that this process can reach as it is: root of the machine, root of a user namespace, or no root. */
    public static Tier ofThisProcess() throws IOException {
        if (!isRoot()) {
            return REPLAY;
        }
        // user_namespaces(7): the initial user namespace maps every id to itself.
        final String map = Files.readString(Path.of("/proc/self/uid_map")).strip();
        return map.matches("0\\s+0\\s+4294967295") ? ROOT : UNPRIVILEGED;
    }

    private static boolean isRoot() throws IOException {
        // proc(5): real, effective, saved and file system user id.
        return Files.readString(Path.of("/proc/self/status"))
                .lines()
                .anyMatch(line -> line.matches("Uid:\\s+\\d+\\s+0\\s.*"));
    }
}
