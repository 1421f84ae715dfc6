package org.amverdict.demo;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.Conversation;
import org.amverdict.lab.DaemonProcess;
import org.amverdict.lab.Family;
import org.amverdict.lab.Host;
import org.amverdict.lab.MetricsPage;
import org.amverdict.lab.NetworkLab;
import org.amverdict.lab.Streams;

/**
 * The script of the live demo: the trials on the lab's network and their expected results. Takes about 20 s, on a slow
 * machine some minutes; every wait has a limit. For one thread.
 */
final class LiveDemo {
    private static final int METRICS_PORT = 9897;
    private static final String ACCEPTED = "accepted";
    private static final String DROPPED = "dropped";
    private static final String SITE = "8443";
    private static final int DATA = 11_001;
    private static final int MESG = 11_003;
    private static final int INDEX = 11_004;

    private final Narrator narrator;
    private final NetworkLab lab;
    private final Demo.Launch launch;
    private final Pace pace;
    private int transactions;

    LiveDemo(final Narrator narrator, final NetworkLab lab, final Demo.Launch launch) {
        this.narrator = narrator;
        this.lab = lab;
        this.launch = launch;
        this.pace = launch.pace();
    }

    /**
     * Runs the whole script.
     *
     * @throws IOException if it could not run to its end; carries the daemon's output
     */
    void play() throws IOException {
        narrator.columns();
        narrator.heading("Before the daemon runs: the queue has no listener, so the kernel drops");
        withoutDaemon();
        narrator.heading("The daemon");
        final DaemonProcess daemon = lab.own(DaemonProcess.start(
                launch.program(),
                lab.firewall(),
                List.of("-c", launch.configuration().toString())));
        narrator.info(daemon.awaitReady(pace.readyMs()));
        try {
            control(Family.IPV4);
            streams(Family.IPV4);
            attacks();
            expiry();
            others();
            narrator.heading("The same over IPv6");
            control(Family.IPV6);
            streams(Family.IPV6);
            metrics();
        } catch (final IOException e) {
            throw new IOException(e.getMessage() + "\nThe daemon said:\n" + daemon.output(), e);
        }
        narrator.heading("The end");
        daemon.terminate();
        final int status = daemon.awaitExit(pace.stopMs());
        // 143 is how a shell reports an end by SIGTERM, and how Java reports it after an orderly stop.
        narrator.trial("SIGTERM to the daemon", "stopped", status == 0 || status == 143 ? "stopped" : "exit " + status);
        if (narrator.failed() > 0) {
            narrator.info("The daemon said:");
            daemon.output().lines().forEach(narrator::info);
        }
    }

    /** Writes the daemon's configuration into {@code directory}, where its other files go too. */
    static Path configuration(final Path directory, final Pace pace) throws IOException {
        final Path file = directory.resolve("amverdict.yaml");
        Files.writeString(file, """
                mode: enforce
                queues:
                  - {numbers: 0, copy: packet}
                allow:
                  - name: dumps
                    requesters: [192.0.2.10, "2001:db8:1::10"]
                    responders: [198.51.100.20, "2001:db8:2::20"]
                    services: [noop, selfcheck, sendsize, sendbackup]
                expectations: {lifetime: %ds}
                events: {file: %s/events.json}
                metrics: {listen: "127.0.0.1:%d"}
                control: {socket: %s/control.sock}
                state: {file: off}
                """.formatted(pace.lifetimeS(), directory, METRICS_PORT, directory));
        return file;
    }

    private Transaction nextTransaction() {
        return Transaction.number(++transactions);
    }

    private static String verdict(final boolean arrived) {
        return arrived ? ACCEPTED : DROPPED;
    }

    private void withoutDaemon() throws IOException {
        try (Conversation udp = new Conversation(lab.server(), lab.client(), Family.IPV4, pace.silenceMs());
                ServerSocket listener = Streams.listen(lab.client(), Family.IPV4, DATA)) {
            narrator.trial(
                    "UDP server -> client:10080, REQ noop",
                    DROPPED,
                    verdict(udp.ask(AmandaMessages.noop(nextTransaction()))));
            narrator.trial(
                    "TCP server -> client:" + listener.getLocalPort(),
                    DROPPED,
                    connect(lab.server(), Family.IPV4, DATA));
        }
    }

    /** The result of an attempt to connect to the client. */
    private String connect(final Host from, final Family family, final int port) throws IOException {
        return switch (Streams.attempt(from, lab.client(), family, port, pace.silenceMs())) {
            case CONNECTED -> ACCEPTED;
            case SILENT -> DROPPED;
            case REFUSED -> "refused";
        };
    }

    private void control(final Family family) throws IOException {
        if (family == Family.IPV4) {
            narrator.heading("Requests that the configuration allows");
        }
        try (Conversation udp = new Conversation(lab.server(), lab.client(), family, pace.arriveMs())) {
            final Transaction of = nextTransaction();
            narrator.trial(
                    "selfcheck: REQ, ACK, REP, ACK",
                    ACCEPTED,
                    verdict(udp.exchange(of, AmandaMessages.selfcheck(of), AmandaMessages.selfcheckReply(of, 300))));
        }
    }

    private void streams(final Family family) throws IOException {
        if (family == Family.IPV4) {
            narrator.heading("A dump: the client announces its ports, the server connects to them");
        }
        final List<ServerSocket> listeners = new ArrayList<>();
        try (Conversation udp = new Conversation(lab.server(), lab.client(), family, pace.arriveMs())) {
            for (int port = DATA; port <= INDEX; port++) {
                listeners.add(Streams.listen(lab.client(), family, port));
            }
            final String announced = "DATA " + DATA + " MESG " + MESG + " INDEX " + INDEX;
            final Transaction of = nextTransaction();
            narrator.trial(
                    "sendbackup, CONNECT " + announced,
                    ACCEPTED,
                    verdict(udp.exchange(
                            of, AmandaMessages.sendbackup(of, true), AmandaMessages.connectReply(of, announced))));
            final long expectations = (long) page().sum("amverdict_expectations");
            narrator.trial("expectations in the table", "3", Long.toString(expectations));
            narrator.trial("DATA  server -> client:" + DATA, ACCEPTED, connect(lab.server(), family, DATA));
            narrator.trial("MESG  server -> client:" + MESG, ACCEPTED, connect(lab.server(), family, MESG));
            // No rule queues a third host's packets: the firewall's policy is enough.
            narrator.trial(
                    "INDEX stranger -> client:" + INDEX + ", a third host",
                    DROPPED,
                    connect(lab.stranger(), family, INDEX));
            narrator.trial("INDEX server -> client:" + INDEX, ACCEPTED, connect(lab.server(), family, INDEX));
            dropped("DATA  server -> client:" + DATA + ", once more", lab.server(), family, DATA);
            dropped("      server -> client:" + (DATA + 1) + ", nobody negotiated it", lab.server(), family, DATA + 1);
        } finally {
            for (final ServerSocket listener : listeners) {
                listener.close();
            }
        }
    }

    /** A SYN that the program does not let in, and then the firewall's policy drops; its reason is in the counters. */
    private void dropped(final String what, final Host from, final Family family, final int port) throws IOException {
        final double before = refusals("unexpected");
        final String outcome = connect(from, family, port);
        final boolean counted = refusals("unexpected") > before;
        narrator.trial(what, "dropped, unexpected", outcome + (counted ? ", unexpected" : ", not counted"));
    }

    /** Packets that were dropped or continued for this reason. */
    private double refusals(final String reason) throws IOException {
        return page().sum("amverdict_packets_total", "reason=\"" + reason + "\"");
    }

    /** A rule of the site, after ours: it decides about what is not Amanda's. */
    private void others() throws IOException {
        narrator.heading("What is not Amanda's: the site's own rules decide");
        try {
            lab.firewall()
                    .run("iptables", "-A", "FORWARD", "-p", "tcp", "-m", "multiport", "--ports", SITE, "-j", "ACCEPT");
        } catch (final IOException e) {
            narrator.info("left out, it needs iptables: " + e.getMessage());
            return;
        }
        final int open = Integer.parseInt(SITE);
        try (ServerSocket one = Streams.listen(lab.client(), Family.IPV4, open);
                ServerSocket other = Streams.listen(lab.client(), Family.IPV4, open + 1)) {
            narrator.trial(
                    "TCP server -> client:" + one.getLocalPort() + ", which a rule of the site accepts",
                    ACCEPTED,
                    connect(lab.server(), Family.IPV4, one.getLocalPort()));
            dropped(
                    "TCP server -> client:" + other.getLocalPort() + ", which its policy denies",
                    lab.server(),
                    Family.IPV4,
                    other.getLocalPort());
        }
    }

    private MetricsPage page() throws IOException {
        return MetricsPage.read(lab.firewall(), METRICS_PORT);
    }

    private void attacks() throws IOException {
        narrator.heading("Text that looks like an announcement");
        final String reflected = "CONNECT DATA 22 MESG 23 INDEX 25";
        try (Conversation udp = new Conversation(lab.server(), lab.client(), Family.IPV4, pace.arriveMs());
                ServerSocket ssh = Streams.listen(lab.client(), Family.IPV4, 22)) {
            final Transaction of = nextTransaction();
            final boolean passed = udp.ask(AmandaMessages.noop(of))
                    && udp.answer(AmandaMessages.reflectingNak(of, reflected))
                    && udp.ask(AmandaMessages.ack(of));
            narrator.trial("NAK whose text says CONNECT DATA 22", ACCEPTED, verdict(passed));
            dropped("it opened nothing: server -> client:" + ssh.getLocalPort(), lab.server(), Family.IPV4, 22);
            final double before = refusals("bad-request");
            final Transaction hostile = nextTransaction();
            udp.requester().send(AmandaMessages.request(hostile, "x " + reflected, "noop", "OPTIONS ;\n"));
            final boolean arrived = udp.responder().receive(pace.silenceMs()) != null;
            final boolean counted = refusals("bad-request") > before;
            narrator.trial(
                    "REQ whose user is CONNECT DATA 22, to provoke it",
                    "dropped, bad-request",
                    verdict(arrived) + (counted ? ", bad-request" : ", not counted"));
        }
    }

    private void expiry() throws IOException {
        narrator.heading("An announcement that nobody used for " + pace.lifetimeS() + " s");
        final int port = 11_020;
        try (Conversation udp = new Conversation(lab.server(), lab.client(), Family.IPV4, pace.arriveMs());
                ServerSocket listener = Streams.listen(lab.client(), Family.IPV4, port)) {
            final Transaction of = nextTransaction();
            final String announced = "DATA " + port + " MESG " + (port + 1) + " INDEX -1";
            narrator.trial(
                    "sendbackup, CONNECT " + announced,
                    ACCEPTED,
                    verdict(udp.exchange(
                            of, AmandaMessages.sendbackup(of, false), AmandaMessages.connectReply(of, announced))));
            pause((pace.lifetimeS() + 1) * 1_000L);
            dropped("too late: DATA server -> client:" + listener.getLocalPort(), lab.server(), Family.IPV4, port);
        }
    }

    private static void pause(final long timeMs) throws IOException {
        try {
            Thread.sleep(timeMs);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private void metrics() throws IOException {
        narrator.heading("From the daemon's /metrics");
        final MetricsPage page = page();
        page.samples("amverdict_packets_total").forEach(narrator::info);
        page.samples("amverdict_expectations_created_total").forEach(narrator::info);
        page.samples("amverdict_expectations_removed_total").forEach(narrator::info);
    }
}
