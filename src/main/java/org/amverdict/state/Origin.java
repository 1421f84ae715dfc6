package org.amverdict.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The network that a state belongs to. Interfaces keep their numbers while the kernel runs, and flows of one network
 * namespace mean nothing in another.
 *
 * @param boot random id of this run of the kernel, random(4)
 * @param network network namespace of this process, namespaces(7)
 */
record Origin(String boot, String network) {
    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Path NETWORK = Path.of("/proc/self/ns/net");

    static Origin here() throws IOException {
        return new Origin(
                Files.readString(BOOT).strip(), Files.readSymbolicLink(NETWORK).toString());
    }

    boolean isSameBoot(final Origin other) {
        return boot.equals(other.boot);
    }

    /**
     * After a reboot namespaces have other numbers, so only their order of creation could identify them; it is not
     * used.
     */
    boolean isElsewhere(final Origin other) {
        return isSameBoot(other) && !network.equals(other.network);
    }
}
