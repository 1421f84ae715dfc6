package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.amverdict.config.QueueRange;
import org.amverdict.config.Settings;
import org.amverdict.doctor.RuleProbes.Kind;
import org.amverdict.doctor.RuleProbes.Probe;
import org.amverdict.firewall.Range;
import org.amverdict.firewall.RuleTrace.Step;
import org.amverdict.host.Host;
import org.amverdict.host.SocketOwner;
import org.amverdict.host.StartCommands;
import org.amverdict.nfqueue.KernelQueues;
import org.amverdict.nfqueue.KernelQueues.KernelQueue;

/**
 * Control datagrams, and the text of legacy recovery, go to queues that get whole packets: of a datagram that was cut the
 * program reads no port.
 */
final class CopyModeCheck implements SettingsCheck {
    /** The longest datagram, with its headers; a queue that gets whole packets asks for nearly as much. */
    private static final int WHOLE_BYTES = 65_000;

    @Override
    public String name() {
        return "whole-datagrams";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        final TreeSet<Integer> used = new TreeSet<>();
        for (final Probe probe : examination.probes(host, settings).judged()) {
            if (probe.kind() != Kind.SYN) {
                for (final Step step : probe.queues()) {
                    final Range queues = step.rule().effect().queues();
                    for (int queue = queues.first(); queue <= queues.last(); queue++) {
                        used.add(queue);
                    }
                }
            }
        }
        if (used.isEmpty()) {
            return List.of(RulesCheck.noRule());
        }
        final List<Finding> findings = new ArrayList<>();
        for (final QueueRange range : settings.queues()) {
            if (range.copy() == Settings.Copy.HEADERS
                    && !used.subSet(range.first(), range.last() + 1).isEmpty()) {
                findings.add(Finding.fault(
                        "rules hand control datagrams to queues " + range.numbers() + ", which get the headers only"
                                + " (copy: headers): no port is ever read",
                        hasWhole(settings)
                                ? Remedies.apply(host, examination, settings)
                                : "set copy: packet on queues " + range.numbers() + " in " + examination.file()));
            }
        }
        if (findings.isEmpty()) {
            addBound(host, used, findings);
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok("control datagrams go to queues that get whole packets"));
        }
        return findings;
    }

    private static boolean hasWhole(final Settings settings) {
        return settings.queues().stream().anyMatch(range -> range.copy() == Settings.Copy.PACKET);
    }

    /** What the running daemon asked for, by an earlier configuration perhaps. */
    private static void addBound(final Host host, final Set<Integer> used, final List<Finding> findings) {
        final KernelQueues bound =
                KernelQueues.parse(host.read(QueuesCheck.FILE).orEmpty());
        for (final int number : used) {
            final Optional<KernelQueue> queue = bound.queue(number);
            if (queue.isPresent()
                    && queue.get().copyRangeBytes() < WHOLE_BYTES
                    && SocketOwner.ofNetlinkPort(host, queue.get().portId())
                            .filter(SocketOwner::ours)
                            .isPresent()) {
                findings.add(Finding.fault(
                        "queue " + number + " gets " + queue.get().copyRangeBytes()
                                + " bytes of each packet now, and rules hand control datagrams to it",
                        StartCommands.of(host).restart()));
            }
        }
    }
}
