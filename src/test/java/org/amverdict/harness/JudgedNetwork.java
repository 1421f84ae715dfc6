package org.amverdict.harness;

import java.io.IOException;
import org.amverdict.lab.Host;
import org.amverdict.lab.NetworkLab;

/** A lab network whose firewall denies by default and learns what Amanda negotiated. */
public interface JudgedNetwork extends AutoCloseable {
    NetworkLab lab();

    /** Whether a denied SYN is answered with a reset; otherwise the drop counter shows it. */
    boolean resets();

    /** How many packets have been dropped for that reason so far; not counted where SYNs are reset. */
    long drops(String reason) throws IOException;

    /**
     * Deletes the conntrack entries at the firewall, as time does: the entry of a control exchange that the helper
     * watches ends 300 s after the last reply.
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
