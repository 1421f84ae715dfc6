package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.host.Host;
import org.amverdict.host.KernelParts;
import org.amverdict.host.KernelParts.State;

/**
 * NFQUEUE in this kernel: the queue itself, and what hands packets to it, the iptables target and the nft expression.
 * Where the kernel does not document a part, a rule in a temporary network namespace shows whether it is there.
 */
final class KernelQueueCheck implements Check {
    @Override
    public String name() {
        return "kernel-queue";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination) {
        final State queue = queue(host);
        final State iptables = iptables(host);
        final State nft = nft(host);
        if (queue == State.ABSENT) {
            return List.of(Finding.fault(
                    "this kernel has no NFQUEUE (CONFIG_NETFILTER_NETLINK_QUEUE)",
                    "apt-get install linux-image-amd64"));
        }
        final List<Finding> findings = new ArrayList<>();
        if (List.of(queue, iptables, nft).contains(State.NOT_INSTALLED)) {
            findings.add(Finding.warning(
                    "modules of this kernel are not installed: queue " + word(queue) + ", iptables NFQUEUE "
                            + word(iptables) + ", nft queue " + word(nft),
                    "apt-get install linux-modules-extra-$(uname -r)"));
        }
        final boolean some = isThere(iptables) || isThere(nft);
        if (!some && iptables == State.ABSENT && nft == State.ABSENT) {
            findings.add(Finding.fault(
                    "neither iptables (CONFIG_NETFILTER_XT_TARGET_NFQUEUE) nor nft (CONFIG_NFT_QUEUE) can hand packets"
                            + " to a queue in this kernel",
                    "apt-get install linux-image-amd64"));
        } else if (!some) {
            findings.add(Finding.unknown(
                    "cannot tell whether iptables or nft can hand packets to a queue in this kernel",
                    Remedies.AS_ROOT));
        } else {
            findings.add(Finding.ok(
                    "iptables NFQUEUE " + word(iptables) + ", nft queue " + word(nft) + advice(iptables, nft)));
        }
        return findings;
    }

    /** Whether rules of this tool can hand packets to a queue: neither it nor its part of the kernel is missing. */
    static boolean canQueue(final Host host, final String tool) {
        final State state = tool.equals("nft") ? nft(host) : iptables(host);
        return state != State.ABSENT
                && state != State.NOT_INSTALLED
                && host.run(tool.equals("nft") ? "nftables" : tool, tool, "--version")
                                .access()
                        != Host.Access.MISSING;
    }

    private static String advice(final State iptables, final State nft) {
        if (nft == State.ABSENT) {
            return "; make the rules with --format iptables";
        }
        return iptables == State.ABSENT ? "; make the rules with --format nft" : "";
    }

    private static boolean isThere(final State state) {
        return state == State.PRESENT || state == State.LOADABLE;
    }

    private static String word(final State state) {
        return switch (state) {
            case PRESENT -> "present";
            case LOADABLE -> "loadable";
            case NOT_INSTALLED -> "not installed";
            case ABSENT -> "absent";
            case UNKNOWN -> "unknown";
        };
    }

    private static State queue(final Host host) {
        // The file exists, readable or not, once the code is loaded.
        final Host.Access file =
                host.read("/proc/net/netfilter/nfnetlink_queue").access();
        return file == Host.Access.OK || file == Host.Access.DENIED
                ? State.PRESENT
                : KernelParts.of(host, "CONFIG_NETFILTER_NETLINK_QUEUE", "nfnetlink_queue");
    }

    private static State iptables(final Host host) {
        if (host.read("/proc/net/ip_tables_targets").orEmpty().lines().anyMatch("NFQUEUE"::equals)) {
            return State.PRESENT;
        }
        final State state = KernelParts.of(host, "CONFIG_NETFILTER_XT_TARGET_NFQUEUE", "xt_NFQUEUE");
        return state == State.UNKNOWN
                ? tried(host.run("iptables", "unshare", "-n", "iptables", "-A", "INPUT", "-j", "NFQUEUE"))
                : state;
    }

    private static State nft(final Host host) {
        final State state = KernelParts.of(host, "CONFIG_NFT_QUEUE", "nft_queue");
        return state == State.UNKNOWN
                ? tried(host.run(
                        "nftables",
                        "unshare",
                        "-n",
                        "nft",
                        "add table ip t; add chain ip t c; add rule ip t c queue num 0"))
                : state;
    }

    private static State tried(final Host.Text answer) {
        return answer.ok() ? State.PRESENT : State.UNKNOWN;
    }
}
