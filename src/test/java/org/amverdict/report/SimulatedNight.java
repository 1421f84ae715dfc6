package org.amverdict.report;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.amverdict.amanda.Service;
import org.amverdict.engine.EngineFixture;
import org.amverdict.engine.EngineSettings;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.telemetry.Stage;

/**
 * A night of dumps: real packets through a real engine, its events in a file that is rotated, compressed and, in the
 * middle of the night, written on by a program that was started again. Every dump that fails does so in one of nine ways.
 */
final class SimulatedNight {
    static final int DUMPS = 1_000;
    static final int CLIENTS = 25;
    static final String SERVER = EngineFixture.SERVER;
    /** A client that no line of the policy has. */
    static final String FORGOTTEN = "203.0.113.40";

    private static final long MINUTE = 60 * Stage.SECOND;
    private static final int CONNECTOR = 50_000;
    private static final int PACE = 40; // seconds between two dumps

    /** What becomes of a dump. */
    enum Course {
        GOOD(0, Kind.NONE),
        UNANSWERED(5, Kind.UNANSWERED),
        NAK(5, Kind.NAK),
        PORT_OUTSIDE(4, Kind.REPLY_REFUSED),
        ERROR(4, Kind.ERROR),
        ACKNOWLEDGED_ONLY(4, Kind.NO_REPLY),
        NEVER_CONNECTED(4, Kind.NEVER_CONNECTED),
        REFUSED(4, Kind.REFUSED_STREAM),
        NO_ANSWER(4, Kind.NO_ANSWER),
        NOT_ALLOWED(3, Kind.REQUEST_DROPPED);

        final int count;
        final Kind kind;

        Course(final int count, final Kind kind) {
            this.count = count;
            this.kind = kind;
        }
    }

    /** One dump as it was played. */
    record Played(String client, String disk, Course course) {}

    private final Path file;
    private final List<Played> played = new ArrayList<>();
    private Stage stage;
    private final Instant begin = Stage.EPOCH;

    SimulatedNight(final Path file) {
        this.file = file;
        stage = started(0);
    }

    private Stage started(final long laterNanos) {
        final Policy policy = Policy.of(List.of(new Allowance(
                "nightly",
                HostSet.of(SERVER),
                HostSet.of("198.51.100.0/24"),
                Service.SENDBACKUP.bit(),
                PortSet.range(11_000, 11_999),
                false)));
        final Stage fresh = new Stage(file, EngineSettings.of(policy));
        fresh.later(laterNanos);
        return fresh.begin();
    }

    Instant begin() {
        return begin;
    }

    Instant now() {
        return begin.plusNanos(elapsed());
    }

    private long elapsed() {
        return stage.now - 1000 * Stage.SECOND;
    }

    List<Played> played() {
        return played;
    }

    /** All of it, as {@link #DUMPS} dumps; the file is rotated twice and the program restarted once. */
    SimulatedNight play() throws IOException {
        final List<Course> courses = courses();
        for (int i = 0; i < DUMPS; i++) {
            dump(i, courses.get(i));
            pass(PACE);
            if (i == DUMPS / 3) {
                rotate();
            } else if (i == DUMPS / 2) {
                restart();
            } else if (i == 2 * DUMPS / 3) {
                rotate();
            }
        }
        // The last requests expire, and the last expectations with them.
        for (int hour = 0; hour < 7; hour++) {
            stage.keepHouse(60 * MINUTE);
        }
        stage.telemetry.close();
        return this;
    }

    private static List<Course> courses() {
        final List<Course> courses = new ArrayList<>();
        for (int i = 0; i < DUMPS; i++) {
            courses.add(Course.GOOD);
        }
        int at = 7;
        for (final Course course : Course.values()) {
            for (int i = 0; i < course.count; i++) {
                courses.set(at, course);
                at += 26;
            }
        }
        return courses;
    }

    private void pass(final int seconds) {
        stage.keepHouse(seconds * Stage.SECOND);
    }

    private void restart() {
        stage.telemetry.close();
        final long elapsed = elapsed();
        stage = started(elapsed + 5 * Stage.SECOND);
    }

    /** As logrotate does, with delaycompress. */
    private void rotate() throws IOException {
        final Path first = Path.of(file + ".1");
        if (Files.exists(first)) {
            try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(Path.of(file + ".2.gz")))) {
                Files.copy(first, out);
            }
            Files.delete(first);
        }
        stage.settle();
        Files.move(file, first);
        stage.later(2 * Stage.SECOND);
        stage.settle();
    }

    private void dump(final int number, final Course course) {
        final String client = course == Course.NOT_ALLOWED ? FORGOTTEN : "198.51.100." + (20 + number % CLIENTS);
        final String disk = "/disk" + number;
        played.add(new Played(client, disk, course));
        final Talk talk = new Talk(client, number);
        final String request =
                EngineFixture.requestBody("sendbackup") + Stage.Talk.dle(disk, Integer.toString(number % 3));
        talk.forth("REQ", request);
        if (course == Course.UNANSWERED || course == Course.NOT_ALLOWED) {
            for (int i = 0; i < 2; i++) {
                stage.later(10 * Stage.SECOND);
                talk.forth("REQ", request);
            }
            return;
        }
        stage.later(3 * Stage.MILLI);
        talk.back("ACK", "");
        stage.later(200 * Stage.MILLI);
        final int port = 11_000 + number % 300 * 3;
        switch (course) {
            case NAK ->
                talk.back(
                        "NAK",
                        "ERROR [access as amandabackup not allowed from root@server] add \"server"
                                + " amandabackup amdump\" to /var/lib/amanda/.amandahosts\n");
            case ERROR -> talk.back("REP", "ERROR [can not stat " + disk + ": No such file or directory]\n");
            case PORT_OUTSIDE -> talk.back("REP", connect(12_001));
            case ACKNOWLEDGED_ONLY -> stage.later(Stage.SECOND);
            default -> {
                talk.back("REP", connect(port));
                talk.forth("ACK", "");
                stream(client, port, course);
                if (course != Course.NEVER_CONNECTED) {
                    carry(client, port + 1, 1);
                    carry(client, port + 2, 2);
                }
            }
        }
    }

    private static String connect(final int port) {
        return "CONNECT DATA " + port + " MESG " + (port + 1) + " INDEX " + (port + 2) + "\nOPTIONS features=ff;\n";
    }

    /** The DATA stream. */
    private void stream(final String client, final int port, final Course course) {
        switch (course) {
            case GOOD -> carry(client, port, 10);
            case REFUSED -> {
                for (int i = 0; i < 3; i++) {
                    tcp(client, port, false, TcpView.SYN, 1000, 0, 0);
                    tcp(client, port, true, TcpView.RST | TcpView.ACK, 0, 1001, 0);
                    stage.later(Stage.SECOND);
                    stage.settle();
                }
            }
            case NO_ANSWER -> {
                for (int i = 0; i < 3; i++) {
                    tcp(client, port, false, TcpView.SYN, 1000, 0, 0);
                    stage.later(2 * Stage.SECOND);
                    stage.settle();
                }
            }
            default -> {
                // Nobody connects.
            }
        }
    }

    private void carry(final String client, final int port, final int segments) {
        tcp(client, port, false, TcpView.SYN, 1000, 0, 0);
        tcp(client, port, true, TcpView.SYN | TcpView.ACK, 5000, 1001, 0);
        tcp(client, port, false, TcpView.ACK, 1001, 5001, 0);
        int sequence = 5001;
        for (int i = 0; i < segments; i++) {
            tcp(client, port, true, TcpView.ACK, sequence, 1001, 1000);
            sequence += 1000;
            tcp(client, port, false, TcpView.ACK, 1001, sequence, 0);
        }
        tcp(client, port, true, TcpView.ACK | TcpView.FIN, sequence, 1001, 0);
        tcp(client, port, false, TcpView.ACK | TcpView.FIN, 1001, sequence + 1, 0);
        tcp(client, port, true, TcpView.ACK, sequence + 1, 1002, 0);
        stage.settle();
    }

    private void tcp(
            final String client,
            final int port,
            final boolean back,
            final int flags,
            final int sequence,
            final int ack,
            final int payload) {
        stage.send(
                back
                        ? PacketBuilder.ip(client, SERVER)
                                .tcp(port, CONNECTOR, flags, sequence, ack, new byte[0], new byte[payload])
                        : PacketBuilder.ip(SERVER, client)
                                .tcp(CONNECTOR, port, flags, sequence, ack, new byte[0], new byte[payload]));
    }

    /** The control exchange of one dump. */
    private final class Talk {
        private final String client;
        private final String handle;
        private final String sequence;

        Talk(final String client, final int number) {
            this.client = client;
            handle = String.format("000-%08x", number);
            sequence = Integer.toString(1_795_000_000 + number);
        }

        void forth(final String type, final String body) {
            stage.send(EngineFixture.udp(
                    SERVER, 844, client, EngineFixture.CONTROL, EngineFixture.message(type, handle, sequence, body)));
            stage.settle();
        }

        void back(final String type, final String body) {
            stage.send(EngineFixture.udp(
                    client, EngineFixture.CONTROL, SERVER, 844, EngineFixture.message(type, handle, sequence, body)));
            stage.settle();
        }
    }
}
