package org.amverdict.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The programs that a measurement starts besides the contestants. Stateless. */
final class Tools {
    private Tools() {}

    /** A program and its Debian package. */
    private record Tool(String program, String debian) {}

    /**
     * What is missing, as in {@code iperf3 (Debian package iperf3)}.
     *
     * @param mixes what is measured
     * @param pinned whether programs are pinned to a processor
     * @param path directories with colons, as in the PATH
     */
    static List<String> missing(final Collection<Mix> mixes, final boolean pinned, final String path) {
        final List<Tool> needed = new ArrayList<>(List.of(
                new Tool("ip", "iproute2"),
                new Tool("iptables-restore", "iptables"),
                new Tool("iptables-save", "iptables")));
        if (pinned) {
            needed.add(new Tool("taskset", "util-linux"));
        }
        if (mixes.stream().anyMatch(mix -> mix.kind() == Mix.Kind.BULK)) {
            needed.add(new Tool("iperf3", "iperf3"));
        }
        return needed.stream()
                .filter(tool -> !isIn(path, tool.program))
                .map(tool -> tool.program + " (Debian package " + tool.debian + ")")
                .toList();
    }

    private static boolean isIn(final String path, final String program) {
        for (final String directory : path.split(":", -1)) {
            if (Files.isExecutable(Path.of(directory, program))) {
                return true;
            }
        }
        return false;
    }
}
