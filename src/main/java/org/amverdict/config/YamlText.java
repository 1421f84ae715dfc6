package org.amverdict.config;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** From bytes to text to YAML 1.2 nodes, with the limits that keep a hostile file harmless. */
final class YamlText {
    /** Largest file, in bytes. */
    static final int BYTES_MAX = 1 << 20;
    /** Deepest nesting; the configuration itself needs five. */
    private static final int DEPTH_MAX = 32;
    /** Most aliases of lists and mappings. */
    private static final int ALIASES_MAX = 1000;

    private YamlText() {}

    /** Decodes UTF-8; the error names the first byte that is not. */
    static String decode(final byte[] bytes, final String file) throws ConfigurationException {
        final CharBuffer chars = CharBuffer.allocate(bytes.length + 1);
        final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        final ByteBuffer in = ByteBuffer.wrap(bytes);
        final CoderResult result = decoder.decode(in, chars, true);
        final String text = chars.flip().toString();
        if (result.isError()) {
            final Problems problems = new Problems(file, text);
            final int line = text.split("\r\n|\r|\n", -1).length;
            final int lineStart = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
            problems.error(
                    line,
                    text.codePointCount(lineStart, text.length()) + 1,
                    "byte 0x" + Integer.toHexString(bytes[in.position()] & 0xff)
                            + " is not UTF-8; save the file as UTF-8");
            problems.throwIfAny();
        }
        // A byte order mark is legal and means nothing.
        return text.startsWith("\ufeff") ? text.substring(1) : text;
    }

    /** The one document, or null when the file is empty or an error was reported. */
    static @Nullable Node compose(final String text, final String file, final Problems problems) {
        final LoadSettings settings = LoadSettings.builder()
                .setLabel(file)
                .setUseMarks(true)
                .setCodePointLimit(BYTES_MAX)
                .setMaxAliasesForCollections(ALIASES_MAX)
                .setAllowDuplicateKeys(true)
                .setAllowNonScalarKeys(true)
                .build();
        try {
            return checkShape(settings, text, problems)
                    ? new Compose(settings).composeString(text).orElse(null)
                    : null;
        } catch (final MarkedYamlEngineException e) {
            if (e.getProblem().contains("\\t(TAB)")) {
                problems.error(
                        e.getProblemMark().or(e::getContextMark),
                        "a tab; YAML is indented with spaces, so write spaces in its place; nothing behind this place was"
                                + " checked");
                return null;
            }
            final String context = e.getContext();
            problems.error(
                    e.getProblemMark().or(e::getContextMark),
                    "not YAML: " + (context == null ? "" : context + ": ") + e.getProblem()
                            + "; nothing behind this place was checked");
        } catch (final ReaderException e) {
            reportUnreadable(text, e, problems);
        } catch (final YamlEngineException e) {
            problems.error(Optional.empty(), "not YAML: " + e.getMessage());
        }
        return null;
    }

    /** The parser keeps its state on the heap, but the composer recurses, so the depth is checked first. */
    private static boolean checkShape(final LoadSettings settings, final String text, final Problems problems) {
        int depth = 0;
        int documents = 0;
        for (final Event event : new Parse(settings).parseString(text)) {
            switch (event.getEventId()) {
                case SequenceStart, MappingStart -> depth++;
                case SequenceEnd, MappingEnd -> depth--;
                case DocumentStart -> documents++;
                default -> {}
            }
            if (depth > DEPTH_MAX) {
                problems.error(event.getStartMark(), "nested deeper than " + DEPTH_MAX + " levels");
                return false;
            }
            if (documents > 1 && event instanceof DocumentStartEvent) {
                problems.error(
                        event.getStartMark(), "a second document begins here; keep everything in one, without ---");
                return false;
            }
        }
        return true;
    }

    private static void reportUnreadable(final String text, final ReaderException e, final Problems problems) {
        final int end = text.offsetByCodePoints(0, Math.min(e.getPosition(), text.codePointCount(0, text.length())));
        final String before = text.substring(0, end);
        final int line = before.split("\r\n|\r|\n", -1).length;
        final int lineStart = Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) + 1;
        problems.error(
                line,
                before.codePointCount(lineStart, end) + 1,
                String.format("character U+%04X is not allowed in YAML; remove it", e.getCodePoint()));
    }
}
