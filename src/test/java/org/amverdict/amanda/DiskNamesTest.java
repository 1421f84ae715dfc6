package org.amverdict.amanda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class DiskNamesTest {
    private static final String HEAD = "SECURITY USER amandabackup\nSERVICE sendbackup\n";
    private static final String OPTIONS = "OPTIONS features=ff;maxdumps=1;\n";

    private final DiskNames names = new DiskNames();

    private List<String> read(final String body) {
        final ByteBuf buffer = Unpooled.copiedBuffer("xx" + body, StandardCharsets.ISO_8859_1);
        names.read(buffer, 2, body.length());
        final List<String> found = new ArrayList<>();
        for (int i = 0; i < Math.min(names.count(), DiskNames.NAMES_MAX); i++) {
            found.add(buffer.toString(names.offset(i), names.length(i), StandardCharsets.ISO_8859_1));
        }
        if (names.levelLength() > 0) {
            found.add(
                    "level " + buffer.toString(names.levelOffset(), names.levelLength(), StandardCharsets.ISO_8859_1));
        }
        return found;
    }

    @Test
    void shouldFindDiskAndLevelOfADump() {
        assertEquals(
                List.of("/home", "level 0"),
                read(HEAD + OPTIONS + "<dle>\n  <program>GNUTAR</program>\n  <disk>/home</disk>\n"
                        + "  <diskdevice>/dev/sda1</diskdevice>\n  <level>0</level>\n</dle>\n"));
        assertEquals(
                List.of("/home", "level 1"),
                read(HEAD + OPTIONS + "GNUTAR /home  1 1970:1:1:0:0:0 OPTIONS |;bsd-auth;index;\n"));
        assertEquals(
                List.of("/home", "level 12"),
                read(HEAD + OPTIONS + "GNUTAR /home /dev/sda1 12 1970:1:1:0:0:0 OPTIONS |;\n"));
        assertEquals(
                List.of("/a b", "level 2"), read(HEAD + OPTIONS + "CALCSIZE GNUTAR \"/a b\" 2 1970:1:1:0:0:0 -1\n"));
    }

    @Test
    void shouldFindAnEncodedName() {
        assertEquals(
                List.of("_caf_", "level 0"),
                read(HEAD + OPTIONS + "<dle>\n<disk encoding=\"UTF-8\" raw=\"Y2Fm6Q==\">_caf_</disk>\n"
                        + "<level>0<server>YES</server></level>\n</dle>\n"));
    }

    @Test
    void shouldKeepTheFirstNamesAndCountAll() {
        final StringBuilder body = new StringBuilder(HEAD + OPTIONS);
        for (int i = 0; i < 40; i++) {
            body.append("<dle><disk>/d").append(i).append("</disk><level>0</level><level>1</level></dle>\n");
        }

        assertEquals(List.of("/d0", "/d1", "/d2", "/d3"), read(body.toString()));
        assertEquals(40, names.count());
    }

    @Test
    void shouldReadEachByteOfTagsWithoutEndOnlyOnce() {
        final String body = HEAD + OPTIONS + "<disk ".repeat(10_000_000 / 6);

        assertTimeoutPreemptively(Duration.ofSeconds(30), () -> assertEquals(List.of(""), read(body)));
    }

    @Test
    void shouldStopReadingAfterMoreTagsOrWordsThanARequestHas() {
        read(HEAD + OPTIONS + "<disk>/</disk>".repeat(60_000));
        assertEquals(4096, names.count());
        read(HEAD + OPTIONS + "GNUTAR /home x x x x\n".repeat(60_000));
        assertTrue(names.count() < 2000, names.count() + " disks");
    }

    @Test
    void shouldFindNothingWhereNothingIsNamed() {
        assertEquals(List.of(), read(HEAD + OPTIONS));
        assertEquals(List.of(), read(HEAD));
        assertEquals(List.of(), read(HEAD + OPTIONS + "CONFIG=daily\nDISK=^/home$\n"));
        assertEquals(List.of(), read(""));
        assertEquals(0, names.count());
    }

    /** Whatever the bytes are, what it names lies within them. */
    @Test
    void shouldStayWithinTheBody() {
        final long seed = Long.getLong("seed", 20_261_127L);
        final SplittableRandom random = new SplittableRandom(seed);
        final String[] words = {"<disk>", "<disk ", ">", "<level>", "<", "\n", "GNUTAR ", " ", "\"", "0", "/home", "O"};
        for (int round = 0; round < 20_000; round++) {
            final StringBuilder body = new StringBuilder(random.nextBoolean() ? HEAD : "");
            for (int i = random.nextInt(12); i > 0; i--) {
                body.append(words[random.nextInt(words.length)]);
            }
            final ByteBuf buffer = Unpooled.copiedBuffer(body, StandardCharsets.ISO_8859_1);
            names.read(buffer, 0, body.length());
            for (int i = 0; i < Math.min(names.count(), DiskNames.NAMES_MAX); i++) {
                final boolean within = names.offset(i) >= 0
                        && names.length(i) >= 0
                        && names.offset(i) + names.length(i) <= body.length();
                assertEquals(true, within, "seed " + seed + ": " + body);
            }
            final boolean within = names.levelLength() == 0
                    || (names.levelLength() > 0 && names.levelOffset() + names.levelLength() <= body.length());
            assertEquals(true, within, "seed " + seed + ": " + body);
        }
    }
}
