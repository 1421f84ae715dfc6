package org.amverdict.harness;

import java.io.IOException;
import org.amverdict.lab.Family;
import org.jspecify.annotations.Nullable;

/**
 * One control exchange, and its outcome according to the protocol.
 *
 * @param title what happens, for the table
 * @param dump whether the server asks the client; else the client asks the server
 * @param flaw why the kernel's helper judges it wrong; null if it must be right
 * @param script the exchange itself
 */
public record ControlExchange(
        String title, boolean dump, Family family, @Nullable HelperFlaw flaw, Script script) {
    /** Plays an exchange: talks, then tries ports. */
    @FunctionalInterface
    public interface Script {
        void play(Trial trial) throws IOException;
    }
}
