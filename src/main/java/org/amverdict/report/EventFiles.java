package org.amverdict.report;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the files of an event log: the file itself and what logrotate or another program has made of its earlier parts,
 * in its directory and in those directly below. {@code events.json} is followed by {@code events.json.1},
 * {@code events.json.2.gz}, {@code events.json-20261130.xz}, {@code events-20261130.json}. Stateless.
 */
final class EventFiles {
    /** Most files that are looked at. */
    private static final int FILES_MAX = 10_000;

    private static final String NUMBER_OR_DATE = "[-._]?[0-9][-0-9T:.Z_+]*";
    private static final String PACKED = "(\\.(gz|xz|bz2|zst|lz4|Z))?";

    private EventFiles() {}

    /** One file, and what it begins with. */
    record Part(Path file, String firstTime, String firstLine) {}

    /**
     * The files with events, in the order of their first events. Of two that begin with the same event, one is left out:
     * a copy, or one that was just being compressed.
     *
     * @param file of the event log; it need not exist
     * @param problems gets a sentence for each file that cannot be read
     */
    static List<Part> of(final Path file, final Consumer<String> problems) throws IOException {
        final Path directory = file.toAbsolutePath().getParent();
        final Path name = file.getFileName();
        if (directory == null || name == null) {
            return List.of();
        }
        final Pattern names = names(name.toString());
        final List<Path> found = new ArrayList<>();
        add(directory, names, found, true);
        return ordered(found, problems);
    }

    /** These files, in the order of their first events. */
    static List<Part> ordered(final Collection<Path> files, final Consumer<String> problems) {
        final Map<String, Part> parts = new HashMap<>();
        for (final Path file : files) {
            final Part part = begin(file, problems);
            if (part != null) {
                parts.merge(part.firstLine(), part, EventFiles::better);
            }
        }
        final List<Part> ordered = new ArrayList<>(parts.values());
        ordered.sort(Comparator.comparing(Part::firstTime)
                .thenComparing(part -> part.file().toString()));
        return ordered;
    }

    private static Pattern names(final String name) {
        final int dot = name.lastIndexOf('.');
        final String stem = dot <= 0 ? name : name.substring(0, dot);
        final String extension = dot <= 0 ? "" : name.substring(dot);
        return Pattern.compile(Pattern.quote(name) + "(" + NUMBER_OR_DATE + "|\\.old|\\.bak)?" + PACKED + "|"
                + Pattern.quote(stem) + NUMBER_OR_DATE + Pattern.quote(extension) + PACKED);
    }

    private static void add(final Path directory, final Pattern names, final List<Path> found, final boolean below)
            throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (final Path entry : entries) {
                if (found.size() >= FILES_MAX) {
                    return;
                }
                if (below && Files.isDirectory(entry) && Files.isReadable(entry)) {
                    add(entry, names, found, false);
                } else if (names.matcher(String.valueOf(entry.getFileName())).matches() && Files.isRegularFile(entry)) {
                    found.add(entry);
                }
            }
        }
    }

    private static @Nullable Part begin(final Path file, final Consumer<String> problems) {
        try (EventLineReader lines = EventLineReader.open(file)) {
            String line = lines.next();
            while (line != null && EventLineReader.time(line).isEmpty()) {
                line = lines.next();
            }
            return line == null ? null : new Part(file, EventLineReader.time(line), line);
        } catch (final IOException e) {
            problems.accept(EventLineReader.problem(file, e));
            return null;
        }
    }

    /** The larger one: a compressed copy, or one that is still being written, is smaller. */
    private static Part better(final Part one, final Part other) {
        final long difference = size(one) - size(other);
        return difference > 0 || (difference == 0 && one.file().compareTo(other.file()) < 0) ? one : other;
    }

    private static long size(final Part part) {
        try {
            return Files.size(part.file());
        } catch (final IOException e) {
            return 0;
        }
    }
}
