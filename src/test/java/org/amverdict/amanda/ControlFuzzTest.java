package org.amverdict.amanda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.amverdict.fuzz.LiveSet;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * P7 for the control language: no parser throws or looks outside the datagram, and a reply announces only what it may.
 *
 * <p>Input: the service that was asked for (lower six bits) and what the request said of its streams (upper two), then a
 * datagram.
 */
@ExtendWith(LiveSet.class)
final class ControlFuzzTest {
    private static final int BEFORE = 3;
    private static final int AFTER = 300;
    /** What a reader that goes too far would take for the rest of a word, a number or a line. */
    private static final int[] POISONS = {0, '1', '\n', ' '};

    private static final int TRAITS_SHIFT = 6;
    private static final Service[] SERVICES = Service.values();

    private final ControlHeader header = new ControlHeader();
    private final RequestParser requests = new RequestParser();
    private final ReplyParser replies = new ReplyParser();

    static Stream<byte[]> datagrams() {
        return Example.all().stream().filter(Example::udp).map(ControlFuzzTest::input);
    }

    private static byte[] input(final Example example) {
        int service = 0;
        while (service + 1 < SERVICES.length && !SERVICES[service].label().equals(example.service())) {
            service++;
        }
        final byte[] datagram = example.text().getBytes(StandardCharsets.ISO_8859_1);
        final byte[] input = new byte[1 + datagram.length];
        input[0] = (byte) (service | (RequestParser.STATE_POSSIBLE | RequestParser.INDEX_POSSIBLE) << TRAITS_SHIFT);
        System.arraycopy(datagram, 0, input, 1, datagram.length);
        return input;
    }

    @MethodSource("datagrams")
    @FuzzTest
    void control(final byte[] input) {
        if (input.length == 0) {
            return;
        }
        final Service service = SERVICES[(input[0] & (1 << TRAITS_SHIFT) - 1) % SERVICES.length];
        final int traits = (input[0] & 0xff) >>> TRAITS_SHIFT;
        final int length = input.length - 1;
        final String expected = read(Unpooled.wrappedBuffer(input), 1, length, service, traits, 1);
        for (final int poison : POISONS) {
            final byte[] amid = new byte[BEFORE + length + AFTER];
            Arrays.fill(amid, (byte) poison);
            System.arraycopy(input, 1, amid, BEFORE, length);
            assertEquals(
                    expected, read(Unpooled.wrappedBuffer(amid), BEFORE, length, service, traits, BEFORE), "" + poison);
        }
    }

    /** All that the parsers say, with places relative to {@code origin}. */
    private String read(
            final ByteBuf buffer,
            final int offset,
            final int length,
            final Service service,
            final int traits,
            final int origin) {
        final StringBuilder all = new StringBuilder();
        int body = offset;
        int bodyLength = length;
        if (header.wrap(buffer, offset, length)) {
            body = header.bodyOffset();
            bodyLength = header.bodyLength();
            assertEquals(offset + length, body + bodyLength, "end of the body");
            assertTrue(header.handleLength() >= 1 && header.handleLength() <= ControlHeader.HANDLE_MAX, "handle");
            assertTrue(header.sequenceLength() >= 1 && header.sequenceLength() <= ControlHeader.SEQUENCE_MAX, "SEQ");
            assertEquals(body - 1, header.sequenceOffset() + header.sequenceLength(), "SEQ ends the line");
            all.append(header.type()).append(header.handleOffset() - origin);
        }
        // Without a header too: the parsers must not rely on it.
        all.append(requests.parse(buffer, body, bodyLength, true))
                .append(requests.service())
                .append(requests.traits());
        all.append(requests.parse(buffer, body, bodyLength, false)).append(requests.traits());
        final Refusal refusal = replies.parse(buffer, body, bodyLength, service, traits);
        all.append(refusal).append(replies.announces());
        checkStreams(refusal, all);
        return all.toString();
    }

    private void checkStreams(final Refusal refusal, final StringBuilder all) {
        final int count = replies.count();
        assertTrue(count >= 0 && count <= StreamLists.STREAMS_MAX, "streams");
        assertTrue(count == 0 || (refusal == Refusal.NONE && replies.announces()), "streams of a refused reply");
        final Set<StreamName> names = EnumSet.noneOf(StreamName.class);
        final Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < count; i++) {
            final int number = replies.number(i);
            assertTrue(names.add(replies.name(i)), "a stream twice");
            if (replies.hasPort(i)) {
                assertTrue(number >= 1024 && number <= 65_535 && (number < 10_080 || number > 10_083), "port");
                assertTrue(ports.add(number), "a port twice");
            } else {
                assertTrue(number == -1 || (number >= 400_000 && number <= 499_999), "neither absent nor a handle");
            }
            all.append(replies.name(i)).append(number);
        }
    }
}
