package org.amverdict.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.amverdict.lab.DaemonProcess;
import org.amverdict.lab.FirewallRules;
import org.amverdict.lab.FirewallRules.Placement;
import org.amverdict.lab.MetricsPage;
import org.amverdict.lab.NetworkLab;

/** The packaged program in gate placement, with allowances for every service that has streams. */
public final class EngineNetwork implements JudgedNetwork {
    private static final long READY_MS = 30_000;

    private final NetworkLab lab;

    private EngineNetwork(final NetworkLab lab) {
        this.lab = lab;
    }

    /** Starts the program and waits until it is ready. */
    public static EngineNetwork start() throws IOException {
        final NetworkLab lab = NetworkLab.open();
        try {
            FirewallRules.apply(lab.firewall(), Placement.GATE, 0, 0);
            final Path file = configuration(lab);
            final DaemonProcess daemon =
                    lab.own(DaemonProcess.start(EngineLab.launcher(), lab.firewall(), List.of("-c", file.toString())));
            daemon.awaitReady(READY_MS);
            return new EngineNetwork(lab);
        } catch (final IOException e) {
            lab.close();
            throw e;
        }
    }

    private static Path configuration(final NetworkLab lab) throws IOException {
        final Path directory = Files.createTempDirectory("amv-it-");
        final Path file = directory.resolve("amverdict.yaml");
        lab.own(() -> {
            try (var left = Files.list(directory)) {
                for (final Path each : left.toList()) {
                    Files.delete(each);
                }
            }
            Files.delete(directory);
        });
        return Files.writeString(file, """
                mode: enforce
                other-traffic: drop
                queues:
                  - {numbers: 0, copy: packet}
                allow:
                  - name: dumps
                    requesters: [192.0.2.10, "2001:db8:1::10"]
                    responders: [198.51.100.20, "2001:db8:2::20"]
                    services: [noop, selfcheck, sendsize, sendbackup, senddiscover, restore, sendindex]
                  - name: recovery
                    requesters: [198.51.100.20, "2001:db8:2::20"]
                    responders: [192.0.2.10, "2001:db8:1::10"]
                    services: [noop, amindexd, amidxtaped, ambackupd, amdumpd]
                events: {file: %1$s/events.json}
                metrics: {listen: "127.0.0.1:%2$d"}
                control: {socket: %1$s/control.sock}
                state: {file: %1$s/state}
                """.formatted(directory, EngineLab.METRICS_PORT));
    }

    @Override
    public NetworkLab lab() {
        return lab;
    }

    @Override
    public boolean resets() {
        return false;
    }

    @Override
    public long drops(final String reason) throws IOException {
        return (long) MetricsPage.read(lab.firewall(), EngineLab.METRICS_PORT)
                .sum("amverdict_packets_total", "verdict=\"drop\"", "reason=\"" + reason + "\"");
    }

    @Override
    public void close() {
        lab.close();
    }
}
