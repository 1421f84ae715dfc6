package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.List;

/** All checks, in the order of the report. */
final class Checks {
    private Checks() {}

    static List<Check> all() {
        return List.of(
                new JavaCheck(),
                new LibraryCheck(),
                new CapabilityCheck(),
                new ConfigurationCheck(),
                new KernelQueueCheck(),
                new KernelVersionCheck(),
                new QueuesCheck(),
                new QueueDepthCheck(),
                new ReceiveBufferCheck(),
                new RulesCheck(),
                new RuleOrderCheck(),
                new DirectionsCheck(),
                new StaleRulesCheck(),
                new MarkBitsCheck(),
                new EnforcementCheck(),
                new BridgeCheck(),
                new CopyModeCheck(),
                new MergedDatagramsCheck(),
                new BypassCheck(),
                new HelperCheck(),
                new DefragmentationCheck(),
                new ConntrackTableCheck(),
                new ForwardingCheck(),
                new ReversePathCheck(),
                new WrittenFilesCheck(),
                new MetricsPortCheck(),
                new ControlSocketCheck(),
                new AuthCheck(),
                new ClockCheck());
    }

    /** Those for one host: its path, and what else concerns it. */
    static List<Check> ofOneHost() {
        final List<Check> checks = new ArrayList<>();
        checks.add(new PathCheck());
        checks.addAll(all());
        return checks;
    }
}
