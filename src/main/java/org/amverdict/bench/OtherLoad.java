package org.amverdict.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.amverdict.lab.ChildProcess;

/**
 * How much processor time other programs took during a run: all that was used, minus that of our own programs and of
 * the kernel's helpers. Where the kernel accounts interrupts apart (CONFIG_IRQ_TIME_ACCOUNTING), the work on our
 * packets in softirq counts as others'.
 */
final class OtherLoad {
    private final List<Long> ours;
    private final List<ProcessTime> before;
    private final MachineLoad load;
    private final long start;

    private OtherLoad(final List<Long> ours) throws IOException {
        this.ours = ours;
        before = times(ours);
        load = MachineLoad.now();
        start = System.nanoTime();
    }

    /** @param children our programs besides this process */
    static OtherLoad begin(final List<ChildProcess> children) throws IOException {
        final List<Long> ours = new ArrayList<>(MachineLoad.kernelHelpers());
        ours.add(ProcessHandle.current().pid());
        children.forEach(child -> ours.add(child.pid()));
        return new OtherLoad(ours);
    }

    /** Processors that others kept busy since, 0.0 for none. */
    double end() throws IOException {
        final double busy = MachineLoad.now().busySince(load);
        final List<ProcessTime> after = times(ours);
        long own = 0;
        for (int i = 0; i < ours.size(); i++) {
            own += after.get(i).since(before.get(i));
        }
        return Math.max(0, busy - own / 1e9) / ((System.nanoTime() - start) / 1e9);
    }

    private static List<ProcessTime> times(final List<Long> processes) throws IOException {
        final List<ProcessTime> times = new ArrayList<>();
        for (final long process : processes) {
            times.add(ProcessTime.ofAny(process));
        }
        return times;
    }
}
