package org.amverdict.eventfiles;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipException;
import org.amverdict.text.FileFailure;
import org.jspecify.annotations.Nullable;

/**
 * What a reader of event files did not get to see. What is told from the files holds only as far as this says, so it belongs
 * into every output. For one thread.
 */
public final class Gaps {
    /** Most files that are named. */
    static final int FILES_MAX = 20;

    private final List<String> unread = new ArrayList<>();
    private long moreUnread;
    private long overlooked;
    private long longLines;
    private long otherLines;
    private @Nullable Path denied;

    /** Begins with none. */
    public Gaps() {}

    /** A file that cannot be read, or not to its end. */
    void unread(final Path file, final IOException e) {
        if (e instanceof AccessDeniedException && denied == null) {
            denied = file;
        }
        unread(file + ": " + why(e));
    }

    /** A file without any event. */
    void unread(final String sentence) {
        if (unread.size() < FILES_MAX) {
            unread.add(sentence);
        } else {
            moreUnread++;
        }
    }

    private static String why(final IOException e) {
        if (e instanceof AccessDeniedException) {
            return "this user may not read it; ask as root";
        }
        if (e instanceof EOFException || e instanceof ZipException) {
            return "its compressed data is damaged or cut, so what follows there is missing";
        }
        return FileFailure.of(e);
    }

    /** Files that are more than are looked at. */
    void overlooked() {
        overlooked++;
    }

    /** Lines that are longer than any event. */
    void longLines(final long count) {
        longLines += count;
    }

    /** A line that is no event. */
    void otherLine() {
        otherLines++;
    }

    /** Lines that were left out because they have more than {@link EventLineReader#LINE_MAX} bytes. */
    public long longLines() {
        return longLines;
    }

    /** Whether a file could not be read, or not to its end. */
    public boolean incomplete() {
        return !unread.isEmpty();
    }

    /** A file that is not for this user, null if all are. */
    public @Nullable Path denied() {
        return denied;
    }

    /** All of it in sentences without a full stop; empty if nothing is missing. */
    public List<String> sentences() {
        final List<String> all = new ArrayList<>(unread);
        if (moreUnread > 0) {
            all.add(moreUnread + " more files cannot be read");
        }
        if (overlooked > 0) {
            all.add(overlooked + " files were not looked at, since there are more than " + EventFiles.FILES_MAX
                    + "; name the ones to read");
        }
        if (longLines > 0) {
            all.add((longLines == 1 ? "1 line is" : longLines + " lines are") + " longer than "
                    + EventLineReader.LINE_MAX / 1024 + " KiB, which no event is, and left out");
        }
        if (otherLines > 0) {
            all.add((otherLines == 1 ? "1 line is no event" : otherLines + " lines are no events")
                    + ", such as one that was cut when the disk was full");
        }
        return all;
    }
}
