package org.amverdict.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class LinksTest {
    private final Links links = new Links();

    private List<Integer> indexes() {
        return Arrays.stream(links.indexes()).sorted().boxed().collect(Collectors.toList());
    }

    @Test
    void shouldKnowWhatIsThere() {
        links.present(1, "lo");
        links.present(7, "tun0");
        links.present(7, "tun0");
        assertEquals(List.of(1, 7), indexes());

        links.gone(7);
        links.present(9, "tun0");
        assertEquals(List.of(1, 9), indexes());
        links.gone(8);
        assertEquals(List.of(1, 9), indexes());
        links.clear();
        assertEquals(List.of(), indexes());
    }

    @Test
    void shouldCountOneAsGoneWhoseNameAnotherHasTaken() {
        links.present(7, "tun0");
        links.present(7, "old");
        assertEquals(List.of(7), indexes(), "a new name alone changes nothing");

        links.present(9, "tun0");
        assertEquals(List.of(9), indexes());
        links.gone(9);
        assertEquals(List.of(7), indexes());
    }
}
