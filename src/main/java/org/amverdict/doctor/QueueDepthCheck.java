package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amverdict.config.QueueRange;
import org.amverdict.config.Settings;
import org.amverdict.host.Host;
import org.amverdict.host.StartCommands;
import org.amverdict.nfqueue.KernelQueues;
import org.amverdict.nfqueue.KernelQueues.KernelQueue;

/** How many packets wait in the bound queues, and whether the kernel has dropped any, since they were bound. */
final class QueueDepthCheck implements SettingsCheck {
    @Override
    public String name() {
        return "queue-depth";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        final Host.Text text = host.read(QueuesCheck.FILE);
        if (text.access() == Host.Access.DENIED) {
            return List.of(Finding.unknown(QueuesCheck.FILE + " can be read by root only", Remedies.AS_ROOT));
        }
        final KernelQueues bound = KernelQueues.parse(text.orEmpty());
        final List<Finding> findings = new ArrayList<>();
        long waiting = 0;
        int seen = 0;
        for (final QueueRange range : settings.queues()) {
            for (int number = range.first(); number <= range.last(); number++) {
                final Optional<KernelQueue> queue = bound.queue(number);
                if (queue.isPresent()) {
                    seen++;
                    waiting += queue.get().waiting();
                    add(host, queue.get(), settings, examination, findings);
                }
            }
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok(
                    seen == 0
                            ? "no configured queue is bound"
                            : waiting + " packets wait in " + seen + " queues, none was dropped by the kernel"));
        }
        return findings;
    }

    private static void add(
            final Host host,
            final KernelQueue queue,
            final Settings settings,
            final Examination examination,
            final List<Finding> findings) {
        if (queue.waiting() * 2 > settings.queueLength()) {
            findings.add(Finding.warning(
                    "queue " + queue.queue() + " holds " + queue.waiting() + " of " + settings.queueLength()
                            + " packets: the program is behind",
                    "top -H -p $(pgrep -f amverdict.jar)"));
        }
        if (queue.dropped() > 0) {
            findings.add(Finding.warning(
                    "queue " + queue.queue() + " was full: the kernel dropped " + queue.dropped() + " packets",
                    "raise queue-length (now " + settings.queueLength() + ") in " + examination.file() + "; "
                            + StartCommands.of(host).restart()));
        }
        if (queue.userDropped() > 0) {
            findings.add(Finding.warning(
                    "the receive buffer of queue " + queue.queue() + " was full: the kernel dropped "
                            + queue.userDropped() + " packets",
                    "sysctl -w net.core.rmem_max=" + (16 << 20) + "; "
                            + StartCommands.of(host).restart()));
        }
    }
}
