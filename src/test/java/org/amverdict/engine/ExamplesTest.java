package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.amverdict.amanda.Example;
import org.amverdict.engine.EngineFixture.Outcome;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;
import org.amverdict.policy.PortSet;
import org.amverdict.track.TableLimits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every example of real and of hostile control traffic, as packets through the engine: it opens what it should and no more. */
final class ExamplesTest {
    private static final int TCP_DESTINATION_PORT_AT = 22;
    private static final int EXAMPLES = 43;
    private static final long START = 1_000 * EngineFixture.SECOND;

    private final EngineFixture fixture = new EngineFixture(
            EngineFixture.settings(EngineFixture.policy(EngineFixture.policy(), PortSet.of(10_080, 10_081))),
            TableLimits.DEFAULTS);

    static Stream<Example> examples() {
        return Example.all().stream();
    }

    @Test
    void shouldHaveEveryExample() {
        final List<String> ids = Example.all().stream().map(Example::id).toList();
        for (int i = 1; i <= EXAMPLES; i++) {
            final String id = "E" + i;
            assertFalse(ids.stream().noneMatch(found -> found.matches(id + "[A-Za-z]?")), id);
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void shouldHaveTheStatedLength(final Example example) {
        assertEquals(example.statedLength(), example.payload().length);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void shouldOpenTheStatedPortsAndNothingElse(final Example example) {
        prepare(example);

        final Outcome outcome = fixture.send(packet(example), START);

        assertEquals(example.reason(), outcome.reason().label());
        assertEquals(example.refusal(), outcome.refusal().label());
        assertEquals(List.copyOf(example.opens()), List.copyOf(fixture.expectedPorts()));
        assertEquals(List.of(), acceptedPorts(example.responder(), example.requester()), "the other way round");
        assertEquals(List.of(), acceptedPorts(EngineFixture.STRANGER, example.responder()), "of a stranger");
        assertEquals(List.of(), acceptedPorts(example.requester(), EngineFixture.STRANGER), "to a stranger");
        assertEquals(example.opens(), acceptedPorts(example.requester(), example.responder()));
        assertEquals(List.of(), acceptedPorts(example.requester(), example.responder()), "once more");
    }

    /** What goes before the example: the request that it answers, or the connection that it is part of. */
    private void prepare(final Example example) {
        if (!example.udp()) {
            if (example.responderPort() == EngineFixture.CONTROL) {
                fixture.send(tcp(example, true, TcpView.SYN, new byte[0]), START);
            }
        } else if (!example.sentByRequester()) {
            final List<String> names = example.handleAndSequence();
            final byte[] request = EngineFixture.message(
                    "REQ", names.get(0), names.get(1), EngineFixture.requestBody(example.service()));
            final Outcome outcome = fixture.send(udp(example, true, request), START);
            assertEquals("accept request", outcome.summary());
        }
    }

    private static byte[] packet(final Example example) {
        return example.udp()
                ? udp(example, example.sentByRequester(), example.payload())
                : tcp(example, example.sentByRequester(), TcpView.ACK | TcpView.PSH, example.payload());
    }

    private static byte[] udp(final Example example, final boolean byRequester, final byte[] payload) {
        return byRequester
                ? PacketBuilder.udp4(
                        example.requester(),
                        example.requesterPort(),
                        example.responder(),
                        example.responderPort(),
                        payload)
                : PacketBuilder.udp4(
                        example.responder(),
                        example.responderPort(),
                        example.requester(),
                        example.requesterPort(),
                        payload);
    }

    private static byte[] tcp(final Example example, final boolean byRequester, final int flags, final byte[] payload) {
        return byRequester
                ? PacketBuilder.tcp4(
                        example.requester(),
                        example.requesterPort(),
                        example.responder(),
                        example.responderPort(),
                        flags,
                        payload)
                : PacketBuilder.tcp4(
                        example.responder(),
                        example.responderPort(),
                        example.requester(),
                        example.requesterPort(),
                        flags,
                        payload);
    }

    /** Every port at which a SYN from one host to the other is let in, but the control ports. */
    private List<Integer> acceptedPorts(final String source, final String destination) {
        final byte[] syn = PacketBuilder.tcp4(source, 50_000, destination, 0, TcpView.SYN);
        final List<Integer> accepted = new ArrayList<>();
        for (int port = 1; port <= 65_535; port++) {
            PacketBuilder.putShort(syn, TCP_DESTINATION_PORT_AT, port);
            final Outcome outcome = fixture.send(syn, START);
            final boolean control = outcome.reason() == Reason.CONTROL_TCP
                    // our own SYN of the round before
                    || (outcome.reason() == Reason.ESTABLISHED && (port == 10_080 || port == 10_081));
            if (outcome.accepted() && !control && outcome.reason() != Reason.ESTABLISHED) {
                accepted.add(port);
            }
        }
        return accepted;
    }
}
