package org.amverdict.lab;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.amverdict.host.Subprocess;

/**
 * Rules of the lab's firewall, for both families: it drops all transit traffic that the queue's listener does not
 * accept. Written with iptables where its NFQUEUE target works, else with nft.
 */
public final class FirewallRules {
    private static final String DENY =
            "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n";

    private FirewallRules() {}

    /** Which packets go to the queues. */
    public enum Placement {
        /** Control datagrams and TCP that conntrack does not know; conntrack carries the rest. */
        GATE,
        /** Every packet. No conntrack, so that nothing reassembles fragments. */
        EVERYTHING
    }

    /**
     * Replaces the rules of {@code firewall} with those of {@code amverdict rules} under a DROP policy, or with
     * {@link #apply} where iptables does not work.
     *
     * @param launcher {@code bin/amverdict} of the packaged program
     * @param configuration with queue 0 alone
     * @return what made the rules, in words
     * @throws LabException with the output of all of them if none worked
     */
    public static String applyAsAnOperator(final Host firewall, final Path launcher, final Path configuration)
            throws LabException {
        final String trouble;
        try {
            applyAsAnOperator(firewall, launcher, configuration, List.of("--format", "iptables"));
            return "'amverdict rules --format iptables --apply'";
        } catch (final IOException e) {
            trouble = String.valueOf(e.getMessage());
        }
        try {
            return apply(firewall, Placement.GATE, 0, 0);
        } catch (final LabException e) {
            throw new LabException(trouble + "; and " + e.getMessage(), e);
        }
    }

    /**
     * Replaces the rules of {@code firewall} with those of {@code amverdict rules --apply} under a DROP policy.
     *
     * @param options of {@code amverdict rules}
     * @throws IOException with the output of the tools
     */
    public static void applyAsAnOperator(
            final Host firewall, final Path launcher, final Path configuration, final List<String> options)
            throws IOException {
        restore(firewall, "iptables-restore", DENY);
        restore(firewall, "ip6tables-restore", DENY);
        final List<String> command =
                new ArrayList<>(List.of(launcher.toString(), "rules", "-c", configuration.toString(), "--apply"));
        command.addAll(options);
        final Subprocess.Result result = Subprocess.attempt(firewall.inside(command), "");
        if (result.status() != 0) {
            throw new IOException("amverdict rules: " + result.output());
        }
    }

    /**
     * Replaces the rules of {@code firewall}.
     *
     * @param firstQueue first queue number
     * @param lastQueue last queue number; if another than the first, the kernel spreads flows over the range
     * @return the tool that took the rules: {@code iptables} or {@code nft}
     * @throws LabException with the output of both tools if both failed
     */
    public static String apply(
            final Host firewall, final Placement placement, final int firstQueue, final int lastQueue)
            throws LabException {
        final String rules = iptables(placement, firstQueue, lastQueue);
        final String first;
        try {
            restore(firewall, "iptables-restore", rules);
            restore(firewall, "ip6tables-restore", rules);
            return "iptables";
        } catch (final IOException e) {
            first = String.valueOf(e.getMessage());
        }
        try {
            restore(firewall, "nft", nft(placement, firstQueue, lastQueue), "-f", "-");
            return "nft";
        } catch (final IOException e) {
            throw new LabException(first + "; and " + e.getMessage(), e);
        }
    }

    private static void restore(final Host firewall, final String tool, final String rules, final String... arguments)
            throws IOException {
        final List<String> command = new ArrayList<>(List.of(tool));
        command.addAll(List.of(arguments));
        final Subprocess.Result result = Subprocess.attempt(firewall.inside(command), rules);
        if (result.status() != 0) {
            throw new IOException(tool + ": " + result.output());
        }
    }

    private static String iptables(final Placement placement, final int firstQueue, final int lastQueue) {
        final String queue = firstQueue == lastQueue
                ? "-j NFQUEUE --queue-num " + firstQueue
                : "-j NFQUEUE --queue-balance " + firstQueue + ":" + lastQueue;
        final String forward = placement == Placement.EVERYTHING
                ? "-A FORWARD " + queue + "\n"
                : "-A FORWARD -p udp --dport 10080 " + queue + "\n"
                        + "-A FORWARD -p udp --sport 10080 " + queue + "\n"
                        + "-A FORWARD -p tcp -m conntrack --ctstate ESTABLISHED -j ACCEPT\n"
                        + "-A FORWARD -p tcp " + queue + "\n";
        return "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n" + forward + "COMMIT\n";
    }

    private static String nft(final Placement placement, final int firstQueue, final int lastQueue) {
        final String queue =
                firstQueue == lastQueue ? "queue num " + firstQueue : "queue num " + firstQueue + "-" + lastQueue;
        final String forward = placement == Placement.EVERYTHING
                ? queue + "\n"
                : "udp dport 10080 " + queue + "\n"
                        + "udp sport 10080 " + queue + "\n"
                        + "meta l4proto tcp ct state established accept\n"
                        + "meta l4proto tcp " + queue + "\n";
        return "flush ruleset\ntable inet amverdict_demo {\nchain forward {\n"
                + "type filter hook forward priority filter; policy drop;\n" + forward + "}\n}\n";
    }
}
