package org.amverdict.harness;

import java.util.List;
import java.util.Set;

/**
 * The outcome of an exchange at one firewall.
 *
 * @param mustOpen ports that must be open
 * @param wrong where the firewall was wrong; empty if it was right
 */
public record JudgedExchange(ControlExchange exchange, Set<Integer> mustOpen, List<String> wrong) {
    public boolean right() {
        return wrong.isEmpty();
    }
}
