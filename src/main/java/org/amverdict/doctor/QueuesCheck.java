package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.amverdict.config.QueueRange;
import org.amverdict.config.Settings;
import org.amverdict.doctor.RuleProbes.Probe;
import org.amverdict.firewall.Range;
import org.amverdict.firewall.RuleTrace.Step;
import org.amverdict.host.Host;
import org.amverdict.host.SocketOwner;
import org.amverdict.host.StartCommands;
import org.amverdict.nfqueue.KernelQueues;
import org.amverdict.nfqueue.KernelQueues.KernelQueue;

/**
 * Each configured queue is bound by our own daemon, or free while no rule needs it. Read from /proc alone: binding a queue
 * to test it would capture packets that a rule with bypass lets pass.
 */
final class QueuesCheck implements SettingsCheck {
    static final String FILE = "/proc/net/netfilter/nfnetlink_queue";

    @Override
    public String name() {
        return "queues";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        final Host.Text text = host.read(FILE);
        if (!text.ok() && text.access() != Host.Access.MISSING) {
            return List.of(Finding.unknown(FILE + " can be read by root only", Remedies.AS_ROOT));
        }
        final KernelQueues bound = KernelQueues.parse(text.orEmpty());
        final List<Finding> findings = new ArrayList<>();
        final List<Integer> free = new ArrayList<>();
        final TreeMap<String, List<Integer>> own = new TreeMap<>();
        for (final QueueRange range : settings.queues()) {
            for (int number = range.first(); number <= range.last(); number++) {
                final Optional<KernelQueue> queue = bound.queue(number);
                if (queue.isEmpty()) {
                    free.add(number);
                    continue;
                }
                final long portId = queue.get().portId();
                final Optional<SocketOwner> owner = SocketOwner.ofNetlinkPort(host, portId);
                if (owner.isPresent() && owner.get().ours()) {
                    own.computeIfAbsent(owner.get().toString(), key -> new ArrayList<>())
                            .add(number);
                } else {
                    findings.add(taken(number, portId, owner));
                }
            }
        }
        if (own.size() > 1) {
            findings.add(
                    Finding.fault("several daemons share the configured queues: " + own, "pgrep -af amverdict.jar"));
        } else if (own.size() == 1 && !free.isEmpty()) {
            findings.add(Finding.warning(
                    "queues " + free + " are free, though " + own.firstKey()
                            + " runs: it was started with another configuration",
                    StartCommands.of(host).restart()));
        }
        unheard(host, examination, settings, free).ifPresent(findings::add);
        if (findings.isEmpty()) {
            findings.add(
                    Finding.ok(own.isEmpty() ? "all free: the daemon is not running" : "bound by " + own.firstKey()));
        }
        return findings;
    }

    /** Rules that hand packets to queues where no program listens: the kernel drops them, or with bypass lets them pass. */
    private static Optional<Finding> unheard(
            final Host host, final Examination examination, final Settings settings, final List<Integer> free) {
        final TreeSet<Integer> dropping = new TreeSet<>();
        final TreeSet<Integer> passing = new TreeSet<>();
        for (final Probe probe : examination.probes(host, settings).judged()) {
            for (final Step step : probe.queues()) {
                final Range queues = step.rule().effect().queues();
                final TreeSet<Integer> those = step.rule().effect().bypass() ? passing : dropping;
                free.stream()
                        .filter(queue -> queues.first() <= queue && queue <= queues.last())
                        .forEach(those::add);
            }
        }
        if (!dropping.isEmpty()) {
            return Optional.of(Finding.fault(
                    "no program listens on queues " + dropping + ", and the rules have no bypass: the kernel drops what"
                            + " they queue, so every backup fails",
                    StartCommands.of(host).start()));
        }
        return passing.isEmpty()
                ? Optional.empty()
                : Optional.of(Finding.warning(
                        "no program listens on queues " + passing + ": what the rules queue passes without a verdict"
                                + " (bypass)",
                        StartCommands.of(host).start()));
    }

    private static Finding taken(final int number, final long portId, final Optional<SocketOwner> owner) {
        return owner.map(process -> Finding.fault(
                        "queue " + number + " belongs to " + process + ", not to amverdict run",
                        "ps -fp " + process.pid() + "; then stop it, or choose other numbers in 'queues'"))
                .orElseGet(() -> Finding.fault(
                        "queue " + number + " belongs to netlink port id " + portId
                                + ", whose process cannot be seen from here: it runs in another PID namespace, or"
                                + " doctor is not root",
                        "ss -fp netlink | grep " + portId));
    }
}
