package org.amverdict.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.amverdict.engine.EngineFixture;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;
import org.junit.jupiter.api.Test;

/** What the configuration means to the tables. */
final class EngineConfigurationTest {
    private static final long SECOND = EngineFixture.SECOND;
    private static final long AMANDADS_LIMIT = 6 * 3600 * SECOND;

    private static TableLimits limits() {
        return EngineConfiguration.limits(Settings.defaults());
    }

    private static byte[] message(final boolean forth, final String type, final String body) {
        final byte[] text = EngineFixture.message(type, "000-00000001", "1795174338", body);
        return forth
                ? EngineFixture.udp(EngineFixture.SERVER, 844, EngineFixture.CLIENT, EngineFixture.CONTROL, text)
                : EngineFixture.udp(EngineFixture.CLIENT, EngineFixture.CONTROL, EngineFixture.SERVER, 844, text);
    }

    @Test
    void shouldWaitForTheAnswerThatAmandadGivesAtItsOwnLimit() {
        final EngineFixture engine =
                new EngineFixture(EngineFixture.settings(EngineFixture.policy()), new Tables(limits(), 1));
        engine.send(message(true, "REQ", EngineFixture.requestBody("sendsize")), 0);
        // The service is started a little later, and its answer is repeated until it is acknowledged.
        engine.send(message(false, "ACK", ""), 20 * SECOND);
        final byte[] refusal = message(false, "NAK", "ERROR timeout on reply pipe\n");

        assertEquals(
                "accept reply",
                engine.send(refusal, 20 * SECOND + AMANDADS_LIMIT).summary());
        assertEquals(
                "accept reply",
                engine.send(refusal, 70 * SECOND + AMANDADS_LIMIT).summary());
    }

    @Test
    void shouldForgetARequestInTheEnd() {
        final long kept = limits().transactions().replyWithinNanos();

        assertTrue(kept > AMANDADS_LIMIT && kept <= AMANDADS_LIMIT + 600 * SECOND, kept / SECOND + " s");
    }
}
