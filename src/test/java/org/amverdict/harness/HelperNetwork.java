package org.amverdict.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.amverdict.lab.Family;
import org.amverdict.lab.NetworkLab;

/**
 * The kernel's nf_conntrack_amanda with the strictest rules it can work with: control datagrams only between the two hosts,
 * then what conntrack calls ESTABLISHED or RELATED. A SYN that no rule accepts is reset, so that the result is known at
 * once.
 */
public final class HelperNetwork implements JudgedNetwork {
    private static final String RULES = """
            *raw
            :PREROUTING ACCEPT [0:0]
            :OUTPUT ACCEPT [0:0]
            -A PREROUTING -p udp --dport 10080 -j CT --helper amanda
            COMMIT
            *filter
            :INPUT ACCEPT [0:0]
            :FORWARD DROP [0:0]
            :OUTPUT ACCEPT [0:0]
            -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
            -A FORWARD -s %1$s -d %2$s -p udp --dport 10080 -j ACCEPT
            -A FORWARD -s %2$s -d %1$s -p udp --dport 10080 -j ACCEPT
            -A FORWARD -p tcp -j REJECT --reject-with tcp-reset
            COMMIT
            """;
    private static final long TOOL_SECONDS_MAX = 20;

    private final NetworkLab lab;

    private HelperNetwork(final NetworkLab lab) {
        this.lab = lab;
    }

    /** The rules cannot be loaded: the kernel lacks the helper, or iptables does. */
    public static final class Missing extends IOException {
        private static final long serialVersionUID = 1;

        public Missing(final String message) {
            super(message);
        }
    }

    /**
     * Makes the network and its rules.
     *
     * @throws Missing with what iptables said, in one line
     */
    public static HelperNetwork start() throws IOException {
        final NetworkLab lab = NetworkLab.open();
        try {
            restore(lab, "iptables-restore", Family.IPV4);
            restore(lab, "ip6tables-restore", Family.IPV6);
            return new HelperNetwork(lab);
        } catch (final IOException e) {
            lab.close();
            throw e;
        }
    }

    private static void restore(final NetworkLab lab, final String tool, final Family family) throws IOException {
        final String rules = RULES.formatted(
                lab.server().address(family).getHostAddress(),
                lab.client().address(family).getHostAddress());
        final Process process = new ProcessBuilder(lab.firewall().inside(List.of(tool)))
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().write(rules.getBytes(StandardCharsets.US_ASCII));
        process.getOutputStream().close();
        final String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(TOOL_SECONDS_MAX, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new Missing(said.strip().replaceAll("\\s+", " "));
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public NetworkLab lab() {
        return lab;
    }

    @Override
    public boolean resets() {
        return true;
    }

    @Override
    public long drops(final String reason) {
        return 0;
    }

    @Override
    public void close() {
        lab.close();
    }
}
