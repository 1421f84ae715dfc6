package org.amverdict.amanda;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One example of control traffic from {@code src/test/resources/amanda/examples.txt}; its format is described there.
 *
 * @param sentByRequester which side sends the bytes
 * @param service of the REQ that comes before a reply; "-" if none does
 * @param statedLength what the example says its payload measures
 * @param reason label of the reason for the verdict
 * @param refusal label of the refusal, "none" unless a REP is refused
 * @param opens ports that the requester may connect to afterwards
 * @param text the payload, one character a byte
 */
public record Example(
        String id,
        String title,
        boolean udp,
        String requester,
        int requesterPort,
        String responder,
        int responderPort,
        boolean sentByRequester,
        String service,
        int statedLength,
        String reason,
        String refusal,
        List<Integer> opens,
        String text) {
    private static final String RESOURCE = "/amanda/examples.txt";

    /** All examples in the order of the file. */
    public static List<Example> all() {
        final List<Example> examples = new ArrayList<>();
        List<String> block = new ArrayList<>();
        for (final String line : lines()) {
            if (line.startsWith("[") && !block.isEmpty()) {
                examples.add(parse(block));
                block = new ArrayList<>();
            }
            if (!line.isEmpty() && !line.startsWith("#")) {
                block.add(line);
            }
        }
        examples.add(parse(block));
        return examples;
    }

    /** The example with that id. */
    public static Example of(final String id) {
        return all().stream()
                .filter(example -> example.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no example " + id + " in " + RESOURCE));
    }

    private static List<String> lines() {
        try (InputStream in = Example.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("no resource " + RESOURCE);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (final IOException e) {
            throw new IllegalStateException(RESOURCE, e);
        }
    }

    private static Example parse(final List<String> block) {
        final String heading = block.get(0);
        final int close = heading.indexOf(']');
        final String[] requester = field(block, "requester").split(" ", -1);
        final String[] responder = field(block, "responder").split(" ", -1);
        final String refusal = field(block, "refusal");
        final String opens = field(block, "opens");
        return new Example(
                heading.substring(1, close),
                heading.substring(close + 2),
                field(block, "transport").equals("udp"),
                requester[0],
                Integer.parseInt(requester[1]),
                responder[0],
                Integer.parseInt(responder[1]),
                field(block, "sender").equals("requester"),
                field(block, "service"),
                Integer.parseInt(field(block, "length")),
                field(block, "reason"),
                refusal.isEmpty() ? "none" : refusal,
                opens.isEmpty()
                        ? List.of()
                        : Arrays.stream(opens.split(" ", -1))
                                .map(Integer::valueOf)
                                .toList(),
                new String(payloadOf(block), StandardCharsets.ISO_8859_1));
    }

    private static String field(final List<String> block, final String name) {
        for (final String line : block) {
            if (line.startsWith(name + " ")) {
                return line.substring(name.length() + 1);
            }
        }
        return "";
    }

    private static byte[] payloadOf(final List<String> block) {
        final ByteArrayOutputStream payload = new ByteArrayOutputStream();
        for (final String line : block) {
            if (line.startsWith("|")) {
                payload.writeBytes(unescaped(line.substring(1)));
            }
        }
        return payload.toByteArray();
    }

    /** The bytes of a text with the escapes {@code \n \r \t \0 \xHH \\}. */
    public static byte[] unescaped(final String text) {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int at = 0;
        while (at < text.length()) {
            final char symbol = text.charAt(at);
            final char escape = symbol == '\\' ? text.charAt(at + 1) : 0;
            switch (escape) {
                case 0 -> bytes.write(symbol);
                case 'n' -> bytes.write('\n');
                case 'r' -> bytes.write('\r');
                case 't' -> bytes.write('\t');
                case '0' -> bytes.write(0);
                case '\\' -> bytes.write('\\');
                case 'x' -> bytes.write(Integer.parseInt(text.substring(at + 2, at + 4), 16));
                default -> throw new IllegalArgumentException("unknown escape in: " + text);
            }
            at += escape == 0 ? 1 : escape == 'x' ? 4 : 2;
        }
        return bytes.toByteArray();
    }

    public byte[] payload() {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** HANDLE and SEQ of the header. */
    public List<String> handleAndSequence() {
        final String[] words = text.substring(0, text.indexOf('\n')).split(" ", -1);
        return List.of(words[4], words[6]);
    }

    @Override
    public String toString() {
        return id + " " + title;
    }
}
