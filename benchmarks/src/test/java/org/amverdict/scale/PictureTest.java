package org.amverdict.scale;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

final class PictureTest {
    private static final Series RISING =
            new Series("a < b & c", List.of(new Point(100, 20, 10, 30), new Point(10_000, 40, 40, 40)));

    private static String picture(final Mark... marks) {
        return Picture.svg("title", "entries", List.of(RISING), List.of(marks));
    }

    private static Element parsed(final String svg) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)))
                .getDocumentElement();
    }

    /** The last path of the only series but its sign in the legend. */
    private static String curve(final String svg) throws Exception {
        final NodeList paths = ((Element) parsed(svg).getElementsByTagName("g").item(0)).getElementsByTagName("path");
        return ((Element) paths.item(paths.getLength() - 2)).getAttribute("d");
    }

    @Test
    void shouldPlaceSizesOnALogarithmicAxisAndNanosecondsOnOneFromZero() throws Exception {
        assertEquals("M91.0 220.0L749.0 70.0", curve(picture()));

        final Series three = new Series(
                "x", List.of(new Point(100, 40, 40, 40), new Point(1000, 40, 40, 40), new Point(10_000, 0, 0, 0)));
        assertEquals(
                "M91.0 70.0L420.0 70.0L749.0 370.0", curve(Picture.svg("title", "entries", List.of(three), List.of())));
    }

    @Test
    void shouldNameEverySizeIfTheyAreWithinOnePowerOfTen() {
        final Series few =
                new Series("x", List.of(new Point(1, 1, 1, 1), new Point(2, 1, 1, 1), new Point(4, 1, 1, 1)));

        final String svg = Picture.svg("title", "queues", List.of(few, few), List.of());

        assertTrue(svg.contains("<text x='91.0' y='394.0' text-anchor='middle'>1</text>"), svg);
        assertEquals(svg.indexOf("x='420.0' y='394.0'"), svg.lastIndexOf("x='420.0' y='394.0'"), "once each");
        assertTrue(svg.contains("<text x='749.0' y='394.0' text-anchor='middle'>4</text>"), svg);
        assertTrue(picture().contains("text-anchor='middle'>10³</text>"), picture());
    }

    @Test
    void shouldShowTheRangeOfEveryPoint() {
        assertTrue(picture().contains("d='M87.0 295.0h8.0M91.0 295.0V145.0M87.0 145.0h8.0'"), picture());
    }

    @Test
    void shouldEscapeLabels() throws Exception {
        assertTrue(parsed(picture()).getTextContent().contains("a < b & c"));
    }

    @Test
    void shouldDrawMarksThatAreWithinTheAxisOnly() throws Exception {
        final String svg = picture(new Mark("within", 1000), new Mark("before", 99), new Mark("behind", 10_001));

        assertTrue(svg.contains("<path class='mark' d='M420.0 "), svg);
        assertTrue(svg.contains("within"), svg);
        assertFalse(svg.contains("before"), svg);
        assertFalse(svg.contains("behind"), svg);
    }

    @Test
    void shouldGiveTheSameBytesForTheSameNumbers() {
        assertEquals(picture(new Mark("L2", 1000)), picture(new Mark("L2", 1000)));
    }

    @Test
    void shouldNeedNothingFromElsewhere() {
        final String svg = picture().replace("http://www.w3.org/2000/svg", "");

        for (final String outside : List.of("http", "href", "url(", "@import", "<script", "@font-face")) {
            assertFalse(svg.contains(outside), outside);
        }
        assertTrue(svg.contains("prefers-color-scheme:dark"), svg);
    }

    @Test
    void shouldRefuseMoreSeriesThanCanBeToldApart() {
        assertThrows(
                IllegalArgumentException.class,
                () -> Picture.svg("title", "entries", Collections.nCopies(6, RISING), List.of()));
        assertThrows(IllegalArgumentException.class, () -> Picture.svg("title", "entries", List.of(), List.of()));
    }

    @Test
    void shouldTakeTheMedianOfWhatWasMeasured() {
        assertEquals(new Point(7, 3, 1, 9), Point.of(7, new double[] {9, 1, 3}));
    }
}
