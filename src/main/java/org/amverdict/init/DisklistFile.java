package org.amverdict.init;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Amanda's disk list itself, disklist(5), for hosts without Amanda: {@code HOST DISK [DEVICE] DUMPTYPE [SPINDLE
 * [INTERFACE]]}, where the dump type may be options in braces over several lines. The options of a named dump type are in
 * another file, so {@code auth} is known only where the entry itself sets it. Stateless.
 */
final class DisklistFile {
    private static final int BYTES_MAX = 8 << 20;
    private static final int FILES_MAX = 64;

    /** A quoted text, in which a backslash escapes, or a word. A number sign begins a comment, but not inside a word. */
    private static final Pattern WORD = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*+\"|#.*|[^\\s\"]++");

    private DisklistFile() {}

    /**
     * The entries of a file and of those that it includes.
     *
     * @throws IOException if one cannot be read; the message names it
     */
    static List<DiskEntry> read(final Path file) throws IOException {
        final List<DiskEntry> entries = new ArrayList<>();
        final List<Path> files = new ArrayList<>(List.of(file));
        for (int i = 0; i < files.size(); i++) {
            read(files.get(i), entries, files);
        }
        return entries;
    }

    private static void read(final Path file, final List<DiskEntry> entries, final List<Path> files)
            throws IOException {
        List<String> block = null;
        String host = "";
        for (final String line : text(file).split("\n", -1)) {
            final List<String> words = words(line);
            if (block != null) {
                if (words.contains("}")) {
                    entries.add(entry(host, block));
                    block = null;
                } else {
                    block.add(line);
                }
            } else if (words.size() >= 2 && words.get(0).equalsIgnoreCase("includefile")) {
                include(file, words.get(1), files);
            } else if (words.size() >= 2) {
                host = words.get(0);
                if (words.get(words.size() - 1).equals("{")) {
                    block = new ArrayList<>();
                } else {
                    entries.add(new DiskEntry(host, "", "", false));
                }
            }
        }
    }

    private static void include(final Path from, final String name, final List<Path> files) throws IOException {
        final Path included = from.resolveSibling(name);
        if (files.contains(included)) {
            return;
        }
        if (files.size() == FILES_MAX) {
            throw new IOException(from + ": more than " + FILES_MAX + " included files");
        }
        files.add(included);
    }

    private static DiskEntry entry(final String host, final List<String> lines) {
        String auth = "";
        String port = "";
        boolean ignored = false;
        for (final String line : lines) {
            final List<String> words = words(line);
            final String value = words.size() > 1 ? words.get(1) : "";
            switch (words.isEmpty() ? "" : words.get(0).toLowerCase(Locale.ROOT)) {
                case "auth" -> auth = value;
                case "client-port", "client_port" -> port = value;
                case "ignore" -> ignored = value.isEmpty() || value.matches("(?i)yes|y|true|t|on");
                default -> {}
            }
        }
        return new DiskEntry(host, auth, port, ignored);
    }

    private static List<String> words(final String line) {
        final List<String> words = new ArrayList<>();
        final Matcher each = WORD.matcher(line);
        while (each.find() && !each.group().startsWith("#")) {
            words.add(AdminOutput.unquoted(each.group()));
        }
        return words;
    }

    private static String text(final Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            final byte[] bytes = in.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) {
                throw new IOException(file + ": larger than " + BYTES_MAX + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (final java.nio.file.NoSuchFileException e) {
            throw new IOException(file + ": no such file", e);
        } catch (final java.nio.file.AccessDeniedException e) {
            throw new IOException(file + ": not readable by this user; run this as root", e);
        }
    }
}
