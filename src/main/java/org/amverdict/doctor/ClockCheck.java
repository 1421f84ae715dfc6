package org.amverdict.doctor;

import java.util.List;
import org.amverdict.host.Host;

/**
 * The clock is synchronized. Amanda and the verdicts need no exact clock, but otherwise logs of several hosts are hard
 * to compare.
 */
final class ClockCheck implements Check {
    @Override
    public String name() {
        return "clock";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination) {
        return List.of(
                host.clockSynchronised()
                        ? Finding.ok("the kernel's clock is synchronised")
                        : Finding.warning(
                                "nothing keeps the clock right: logs of this host and of the Amanda hosts may differ",
                                "timedatectl set-ntp true"));
    }
}
