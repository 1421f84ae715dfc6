package org.amverdict.init;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.amverdict.config.ConfigurationProblem;
import org.amverdict.packet.IpAddress;
import org.junit.jupiter.api.Test;

final class NamedAddressesTest {
    private static final String TEXT = """
            # 192.0.2.1 alone
            allow:
              - requesters: [192.0.2.10, "2001:db8::10"]   # server.example
                responders:
                  - 198.51.100.7                           # client-1
                  - "2001:db8::7"                          # client-1
                  - 198.51.100.0/24                        # office
                  - 198.51.100.9                           # two words
                  - 198.51.100.9                           # 198.51.100.9
                  - 198.51.100.9
            """;

    private static List<IpAddress> addresses(final String... texts) {
        return Stream.of(texts)
                .map(IpAddress::parse)
                .map(Objects::requireNonNull)
                .toList();
    }

    private static List<String> moved(final String... client) {
        return NamedAddresses.in(TEXT, "a.yaml")
                .moved(name -> name.equals("client-1") ? addresses(client) : addresses("192.0.2.10", "2001:db8::10"))
                .stream()
                .map(NamedAddressesTest::line)
                .toList();
    }

    private static String line(final ConfigurationProblem problem) {
        return problem.line() + ":" + problem.column() + " " + problem.message();
    }

    @Test
    void shouldTakeOneWordNextToAnAddressForItsName() {
        assertEquals(
                Set.of("server.example", "client-1"),
                NamedAddresses.in(TEXT, "a.yaml").names());
    }

    @Test
    void shouldSayNothingWhileNothingHasChanged() {
        assertEquals(List.of(), moved("2001:db8::7", "198.51.100.7"));
    }

    @Test
    void shouldNameTheOldAndTheNewAddress() {
        assertEquals(
                List.of("5:9 'client-1' no longer has 198.51.100.7, but 198.51.100.8; write that, then amverdict reload"
                        + " and amverdict rules"),
                moved("2001:db8::7", "198.51.100.8"));
        assertEquals(
                List.of(
                        "6:10 'client-1' no longer has 2001:db8::7; take it out, then amverdict reload and amverdict rules"),
                moved("198.51.100.7"));
        assertEquals(
                List.of("5:9 'client-1' also has 198.51.100.8, which is not written here"),
                moved("2001:db8::7", "198.51.100.7", "198.51.100.8", "127.0.1.1"));
        assertEquals(List.of("5:9 no address is found for 'client-1'; the one written here stays in force"), moved());
    }
}
