package org.amverdict.harness;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.amverdict.lab.Family;
import org.amverdict.lab.FirewallRules;
import org.amverdict.lab.NetworkLab;

/** What the machine offers these tests. Probed once; a test that cannot run says why. */
public final class Kernel {
    private static final String TROUBLE = trouble();

    private Kernel() {}

    private static String trouble() {
        try {
            if (Files.readString(Path.of("/proc/self/status"))
                    .lines()
                    .noneMatch(l -> l.matches("Uid:\\s+\\d+\\s+0\\s.*"))) {
                return "needs root (or unshare -Urnm with a tmpfs on /run)";
            }
            try (NetworkLab lab = NetworkLab.open()) {
                FirewallRules.apply(lab.firewall(), FirewallRules.Placement.GATE, 0, 0);
            }
            return "";
        } catch (final IOException e) {
            return "namespaces or NFQUEUE do not work here: " + e.getMessage();
        }
    }

    /** Skips the test where namespaces cannot be created. */
    public static void assumeNamespaces() {
        if (!TROUBLE.isEmpty()) {
            System.err.println("SKIPPED: kernel integration tests: " + TROUBLE);
        }
        assumeTrue(TROUBLE.isEmpty(), TROUBLE);
    }

    /** IPv4, and IPv6 unless this JVM was started where it could not see any IPv6 address. */
    public static List<Family> families() {
        return ipv6() ? List.of(Family.IPV4, Family.IPV6) : List.of(Family.IPV4);
    }

    public static void assumeIpv6() {
        assumeTrue(ipv6(), "Java found no IPv6 address here when it started; run: ip link set lo up");
    }

    private static boolean ipv6() {
        try {
            return !Files.readString(Path.of("/proc/self/net/if_inet6")).isEmpty();
        } catch (final IOException e) {
            return false;
        }
    }
}
