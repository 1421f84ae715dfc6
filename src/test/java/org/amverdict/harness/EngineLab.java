package org.amverdict.harness;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.Conversation;
import org.amverdict.lab.DaemonProcess;
import org.amverdict.lab.Family;
import org.amverdict.lab.FirewallRules;
import org.amverdict.lab.FirewallRules.Placement;
import org.amverdict.lab.Host;
import org.amverdict.lab.MetricsPage;
import org.amverdict.lab.NetworkLab;
import org.amverdict.lab.Streams;
import org.amverdict.lab.Streams.Outcome;

/** A lab network with the packaged program at its firewall, ready to judge. */
public final class EngineLab implements AutoCloseable {
    /** Time limit for a packet that must arrive. */
    public static final int ARRIVE_MS = 3_000;
    /** How long silence must last until a packet counts as dropped. */
    public static final int SILENCE_MS = 500;

    public static final int METRICS_PORT = 9897;
    /** The default of {@code continue-mark}. */
    public static final String CONTINUE_MARK = "0x8000000/0x8000000";

    private static final long READY_MS = 30_000;
    private static final long EXIT_MS = 15_000;

    private final NetworkLab lab;
    private final Path file;
    private DaemonProcess daemon;
    private int transactions;

    /**
     * How the program is set up.
     *
     * @param mode {@code enforce} or {@code monitor}
     * @param lastQueue the queues are 0 to this one
     * @param placement which packets the lab's own rules queue
     * @param rules options of {@code amverdict rules} that make the rules instead; empty for the lab's own
     * @param expectations section of the configuration
     * @param allow further lines for the list of what is allowed
     * @param more further lines for the configuration
     */
    public record Setup(
            String mode,
            int lastQueue,
            Placement placement,
            List<String> rules,
            String expectations,
            String allow,
            String more) {
        public static final Setup USUAL = new Setup("enforce", 0, Placement.GATE, List.of(), "lifetime: 60s", "", "");

        public Setup queues(final int last) {
            return new Setup(mode, last, placement, rules, expectations, allow, more);
        }

        public Setup monitor() {
            return new Setup("monitor", lastQueue, placement, rules, expectations, allow, more);
        }

        public Setup everything() {
            return new Setup(mode, lastQueue, Placement.EVERYTHING, rules, expectations, allow, more);
        }

        /** With {@code --placement} {@code gate}, {@code inline} or {@code offload}, as an operator applies them. */
        public Setup rules(final String operatorsPlacement) {
            final List<String> options =
                    List.of("--format", "iptables", "--at", "forward", "--placement", operatorsPlacement);
            return new Setup(mode, lastQueue, placement, options, expectations, allow, more);
        }

        public Setup lifetime(final int seconds) {
            return new Setup(mode, lastQueue, placement, rules, "lifetime: " + seconds + "s", allow, more);
        }

        /** With {@code lifetime}, {@code capacity} and so on of the table of expectations. */
        public Setup expecting(final String keys) {
            return new Setup(mode, lastQueue, placement, rules, keys, allow, more);
        }

        /** Allows dumps between two more hosts, each with its addresses of both families. */
        public Setup allow(final String requesters, final String responders) {
            final String line = "  - {requesters: [%s], responders: [%s], services: [noop, sendbackup]}\n"
                    .formatted(requesters, responders);
            return new Setup(mode, lastQueue, placement, rules, expectations, allow + line, more);
        }

        /** With legacy recovery of the client from the server. */
        public Setup legacyRecovery() {
            final String line = "  - {requesters: [198.51.100.20, \"2001:db8:2::20\"], "
                    + "responders: [192.0.2.10, \"2001:db8:1::10\"], legacy-recovery: true}\n";
            return new Setup(mode, lastQueue, placement, rules, expectations, allow + line, more);
        }

        public Setup with(final String line) {
            return new Setup(mode, lastQueue, placement, rules, expectations, allow, more + line + "\n");
        }
    }

    private EngineLab(final NetworkLab lab, final Path file, final DaemonProcess daemon) {
        this.lab = lab;
        this.file = file;
        this.daemon = daemon;
    }

    /** Starts the program and waits until it is ready. */
    public static EngineLab start(final Setup setup) throws IOException {
        final NetworkLab lab = NetworkLab.open();
        try {
            final Path file = configuration(lab, setup);
            if (setup.rules().isEmpty()) {
                FirewallRules.apply(lab.firewall(), setup.placement(), 0, setup.lastQueue());
                if (setup.mode().equals("monitor")) {
                    letContinue(lab.firewall());
                }
            } else {
                FirewallRules.applyAsAnOperator(lab.firewall(), launcher(), file, setup.rules());
            }
            return new EngineLab(lab, file, startDaemon(lab, file));
        } catch (final IOException e) {
            lab.close();
            throw e;
        }
    }

    /** A site that lets everything pass, so that a packet arrives unless the program drops it. */
    private static void letContinue(final Host firewall) throws IOException {
        for (final String tool : List.of("iptables", "ip6tables")) {
            firewall.run(tool, "-I", "FORWARD", "-m", "mark", "--mark", CONTINUE_MARK, "-j", "ACCEPT");
        }
    }

    private static DaemonProcess startDaemon(final NetworkLab lab, final Path file) throws IOException {
        final DaemonProcess daemon =
                lab.own(DaemonProcess.start(launcher(), lab.firewall(), List.of("-c", file.toString())));
        daemon.awaitReady(READY_MS);
        return daemon;
    }

    /** Ends the program with SIGTERM and waits until it is gone. */
    public void stopDaemon() throws IOException {
        daemon.terminate();
        daemon.awaitExit(EXIT_MS);
    }

    /** Starts the program again, with the same configuration and the state that it left behind. */
    public void startDaemon() throws IOException {
        daemon = startDaemon(lab, file);
    }

    /** Where the program writes its events, unless the setup says otherwise. */
    public Path eventsFile() {
        return file.resolveSibling("events.json");
    }

    /** The configuration of the program. */
    public Path file() {
        return file;
    }

    /** The file that the program saves at its stop. */
    public Path stateFile() {
        return file.resolveSibling("state");
    }

    /** Removes the operator's rules, as the operator does. */
    public void removeRules() throws IOException {
        lab.firewall().run(launcher().toString(), "rules", "--format", "iptables", "--remove");
    }

    /** Packets that the kernel has handed to queue 0 so far, according to the kernel. */
    public long queued() throws IOException {
        // queue, port id, length, copy mode, copy range, dropped, user dropped, id of the last packet, 1
        final String[] columns = lab.firewall()
                .run("cat", "/proc/net/netfilter/nfnetlink_queue")
                .strip()
                .split(" +", -1);
        return Long.parseLong(columns[7]);
    }

    /** {@code bin/amverdict} of the build under test. */
    public static Path launcher() {
        return Path.of(System.getProperty("amverdict.dist", "target/dist"), "bin", "amverdict");
    }

    /** Writes the configuration for the lab's hosts; the file is removed when the lab closes. */
    public static Path configuration(final NetworkLab lab, final Setup setup) throws IOException {
        final Path directory = Files.createTempDirectory("amv-it-");
        final Path file = directory.resolve("amverdict.yaml");
        lab.own(() -> {
            Files.deleteIfExists(file);
            try (var left = Files.list(directory)) {
                for (final Path each : left.toList()) {
                    Files.delete(each);
                }
            }
            Files.delete(directory);
        });
        Files.writeString(file, """
                mode: %s
                other-traffic: %s
                queues:
                  - {numbers: %s, copy: packet}
                allow:
                  - name: dumps
                    requesters: [192.0.2.10, "2001:db8:1::10"]
                    responders: [198.51.100.20, "2001:db8:2::20"]
                    services: [noop, selfcheck, sendsize, sendbackup]
                  - name: recovery
                    requesters: [198.51.100.20, "2001:db8:2::20"]
                    responders: [192.0.2.10, "2001:db8:1::10"]
                    services: [amindexd, amidxtaped]
                %sexpectations: {%s}
                events: {file: %s/events.json}
                metrics: {listen: "127.0.0.1:%d"}
                control: {socket: %s/control.sock}
                state: {file: %s/state}
                %s""".formatted(
                        setup.mode(),
                        // In enforce mode the lab's own rules have none for the mark of what continues.
                        setup.rules().isEmpty() ? "drop" : "continue",
                        setup.lastQueue() == 0 ? "0" : "0-" + setup.lastQueue(),
                        setup.allow(),
                        setup.expectations(),
                        directory,
                        METRICS_PORT,
                        directory,
                        directory,
                        setup.more()));
        return file;
    }

    public NetworkLab network() {
        return lab;
    }

    public Host server() {
        return lab.server();
    }

    public Host client() {
        return lab.client();
    }

    public Host stranger() {
        return lab.stranger();
    }

    public DaemonProcess daemon() {
        return daemon;
    }

    /** A transaction that is new to this lab. */
    public Transaction nextTransaction() {
        return Transaction.number(++transactions);
    }

    /** A conversation in which datagrams have time to arrive. */
    public Conversation dump(final Family family) throws IOException {
        return new Conversation(server(), client(), family, ARRIVE_MS);
    }

    /** A conversation that detects silence quickly. */
    public Conversation refused(final Family family) throws IOException {
        return new Conversation(server(), client(), family, SILENCE_MS);
    }

    /** Connects from server to client, where a listener waits for it, so that only the engine can be in the way. */
    public Outcome connect(final Family family, final int port) throws IOException {
        return connect(server(), client(), family, port);
    }

    /** As {@link #connect(Family, int)}, between any two hosts. */
    public Outcome connect(final Host from, final Host to, final Family family, final int port) throws IOException {
        try (ServerSocket listener = Streams.listen(to, family, port)) {
            return Streams.attempt(from, to, family, listener.getLocalPort(), SILENCE_MS);
        }
    }

    /** As {@link #connect(Family, int)}, with time to arrive. */
    public Outcome connectPatiently(final Host from, final Host to, final Family family, final int port)
            throws IOException {
        try (ServerSocket listener = Streams.listen(to, family, port)) {
            return Streams.attempt(from, to, family, listener.getLocalPort(), ARRIVE_MS);
        }
    }

    public MetricsPage metrics() throws IOException {
        return MetricsPage.read(lab.firewall(), METRICS_PORT);
    }

    /** Packets dropped for this reason so far. */
    public long drops(final String reason) throws IOException {
        return (long) metrics().sum("amverdict_packets_total", "verdict=\"drop\"", "reason=\"" + reason + "\"");
    }

    /** Packets left to the site's own rules for this reason so far. */
    public long left(final String reason) throws IOException {
        return (long) metrics().sum("amverdict_packets_total", "verdict=\"continue\"", "reason=\"" + reason + "\"");
    }

    /** Packets judged for this reason so far, whatever their verdict. */
    public long judged(final String reason) throws IOException {
        return (long) metrics().sum("amverdict_packets_total", "reason=\"" + reason + "\"");
    }

    /** What the site's own rules do to what continues: {@code DROP}, as at the start, or {@code ACCEPT}. */
    public void policy(final String target) throws IOException {
        for (final String tool : List.of("iptables", "ip6tables")) {
            lab.firewall().run(tool, "-P", "FORWARD", target);
        }
    }

    /** Sends a signal to the program. */
    public void signal(final String name) throws IOException {
        final Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(daemon.pid()))
                .inheritIO()
                .start();
        try {
            if (!kill.waitFor(5, TimeUnit.SECONDS) || kill.exitValue() != 0) {
                throw new IOException("kill -" + name + " failed");
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() {
        lab.close();
    }
}
