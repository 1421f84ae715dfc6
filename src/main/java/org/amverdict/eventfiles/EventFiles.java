package org.amverdict.eventfiles;

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
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the files of an event log: the file itself and what logrotate or another program has made of its earlier parts,
 * in its directory and in those directly below. {@code events.json} is followed by {@code events.json.1},
 * {@code events.json.2.gz}, {@code events.json-20261130.xz}, {@code events-20261130.json}. The only reader of such files.
 * Stateless.
 */
public final class EventFiles {
    /** Most files that are looked at. */
    static final int FILES_MAX = 10_000;
    /** As much of a first line as tells two files apart. */
    private static final int BEGINNING_MAX = 1024;

    private static final String NUMBER_OR_DATE = "[-._]?[0-9][-0-9T:.Z_+]*";
    private static final String PACKED = "(\\.(gz|xz|bz2|zst|lz4|Z))?";

    private EventFiles() {}

    /**
     * One file with events.
     *
     * @param firstTime of its first event, as that has it, which orders by time
     * @param beginning of that event's line
     */
    public record Part(Path file, String firstTime, String beginning) {}

    /**
     * The files with events, in the order of their first events. Of two that begin with the same event, one is left out:
     * a copy, or one that was just being compressed.
     *
     * @param file of the event log; neither it nor its directory need exist
     * @param gaps gets what cannot be read
     * @throws IOException if the directory cannot be read
     */
    public static List<Part> of(final Path file, final Gaps gaps) throws IOException {
        final Path directory = file.toAbsolutePath().getParent();
        final Path name = file.getFileName();
        if (directory == null || name == null || Files.notExists(directory)) {
            return List.of();
        }
        final Pattern names = names(name.toString());
        final List<Path> found = new ArrayList<>();
        add(directory, names, found, gaps, true);
        return ordered(found, gaps);
    }

    /** These files, in the order of their first events; without those that have none. */
    public static List<Part> ordered(final Collection<Path> files, final Gaps gaps) {
        final Map<String, Part> parts = new HashMap<>();
        for (final Path file : files) {
            final Part part = begin(file, gaps);
            if (part != null) {
                parts.merge(part.beginning(), part, EventFiles::better);
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

    private static void add(
            final Path directory, final Pattern names, final List<Path> found, final Gaps gaps, final boolean below)
            throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (final Path entry : entries) {
                if (below && Files.isDirectory(entry) && Files.isReadable(entry)) {
                    add(entry, names, found, gaps, false);
                } else if (names.matcher(String.valueOf(entry.getFileName())).matches() && Files.isRegularFile(entry)) {
                    if (found.size() < FILES_MAX) {
                        found.add(entry);
                    } else {
                        gaps.overlooked();
                    }
                }
            }
        }
    }

    private static @Nullable Part begin(final Path file, final Gaps gaps) {
        try (EventLineReader lines = EventLineReader.open(file)) {
            boolean empty = true;
            for (String line = lines.next(); line != null; line = lines.next()) {
                final String time = EventLineReader.time(line);
                if (!time.isEmpty()) {
                    return new Part(file, time, line.substring(0, Math.min(line.length(), BEGINNING_MAX)));
                }
                empty &= line.isBlank();
            }
            if (!empty || lines.longLines() > 0) {
                gaps.unread(file + ": none of its lines is an event");
            }
            return null;
        } catch (final IOException e) {
            gaps.unread(file, e);
            return null;
        }
    }

    /**
     * Hands on each line of a file, in its order.
     *
     * @param events takes a line, and says whether it is an event
     * @param gaps gets what is missing
     */
    public static void read(final Part part, final Predicate<String> events, final Gaps gaps) {
        try (EventLineReader lines = EventLineReader.open(part.file())) {
            try {
                for (String line = lines.next(); line != null; line = lines.next()) {
                    if (!events.test(line) && !line.isBlank()) {
                        gaps.otherLine();
                    }
                }
            } finally {
                gaps.longLines(lines.longLines());
            }
        } catch (final IOException e) {
            gaps.unread(part.file(), e);
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
