package org.amverdict.harness;

import java.io.IOException;
import org.amverdict.lab.Host;
import org.amverdict.lab.NetworkLab;

/** A lab network whose firewall denies by default, and somebody who tells it what Amanda negotiated. */
public interface JudgedNetwork extends AutoCloseable {
    NetworkLab lab();

    /** Whether a SYN that is denied is answered with a reset; else the count of drops tells. */
    boolean resets();

    /** How many packets have been dropped for that reason so far; where SYNs are reset, nobody counts. */
    long drops(String reason) throws IOException;

    /**
     * Deletes what conntrack at the firewall knows, as time does: the entry of a control exchange that the helper watches
     * ends 300 s after the last reply.
     */
    default void forgetFlows() throws IOException {
        final Host firewall = lab().firewall();
        firewall.call(() -> {
            Conntrack.flush();
            return true;
        });
    }

    @Override
    void close();
}
