package org.amverdict.telemetry;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.amverdict.engine.EngineFixture;
import org.amverdict.engine.EngineFixture.Outcome;
import org.amverdict.engine.EngineSettings;
import org.amverdict.events.WallClock;
import org.amverdict.json.JsonReader;
import org.amverdict.packet.IpAddress;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.Policy;
import org.amverdict.track.TableLimits;
import org.jspecify.annotations.Nullable;

/** Made-up packets through a real engine, with all its reporting behind it, in made-up time. */
public final class Stage {
    public static final long MILLI = 1_000_000L;
    public static final long SECOND = 1_000_000_000L;
    static final long START = 1000 * SECOND;
    public static final Instant EPOCH = Instant.parse("2026-11-27T03:00:00Z");
    public static final String SERVER = EngineFixture.SERVER;
    public static final String CLIENT = EngineFixture.CLIENT;
    public static final int CONNECTOR = 50_000;

    public final EngineFixture engine;
    public final Telemetry telemetry;
    public final List<String> log = new ArrayList<>();
    public long now = START;
    public EngineSettings settings;

    /** The address that a text is. */
    public static IpAddress address(final String text) {
        return HostPrefix.parse(text).address();
    }

    public Stage(final @Nullable Path file) {
        this(file, EngineFixture.settings(EngineFixture.policy()));
    }

    public Stage(final @Nullable Path file, final EngineSettings settings) {
        this(file, settings, TableLimits.DEFAULTS);
    }

    public Stage(final @Nullable Path file, final EngineSettings settings, final TableLimits limits) {
        this.settings = settings;
        engine = new EngineFixture(settings, limits);
        telemetry = new Telemetry(
                engine.tables(),
                () -> this.settings,
                file,
                () -> now,
                new WallClock(() -> now, () -> EPOCH.plusNanos(now - START)),
                (level, line) -> log.add(level + " " + line));
        engine.tell(telemetry.events());
    }

    public static Stage of(final Policy policy) {
        return new Stage(null, EngineFixture.settings(policy));
    }

    /** As the daemon starts it. */
    public Stage begin() {
        final TelemetrySources sample = new SampleSources().sources();
        final TelemetrySources.Queue queue = sample.queues().get(0);
        final TelemetrySources.QueueSocket socket = queue.socket();
        telemetry.begin(
                new SharedFigures(new TelemetrySources(
                        sample.program(),
                        List.of(new TelemetrySources.Queue(
                                10,
                                engine.counters(),
                                queue.messages(),
                                queue.verdictLatency(),
                                new TelemetrySources.QueueSocket(
                                        () -> 0, socket.uninspectedPackets(), socket.ready(), socket.lengthLimit()))),
                        new TelemetrySources.Tables(
                                sample.tables().transactions(),
                                sample.tables().expectations(),
                                sample.tables().flows(),
                                engine.tables().counters(),
                                engine.tables().lines()),
                        new TelemetrySources.Reports(
                                telemetry::lost,
                                telemetry::lost,
                                telemetry::sessionsForgotten,
                                sample.reports().dumps(),
                                sample.reports().idleNanos()),
                        sample.incidents(),
                        sample.kernelQueues())),
                "10",
                "enforce");
        return this;
    }

    public void later(final long nanos) {
        now += nanos;
    }

    /** What was told so far reaches everybody. */
    public Stage settle() {
        telemetry.round(now);
        return this;
    }

    public void keepHouse(final long later) {
        now += later;
        engine.engine().housekeep(now, 1 << 20);
        settle();
    }

    public Outcome send(final byte[] packet) {
        return engine.send(packet, now);
    }

    /** One exchange between server and client. */
    public record Talk(Stage stage, String handle, String sequence, int port) {
        public Outcome forth(final String type, final String body) {
            return stage.send(EngineFixture.udp(
                    SERVER, port, CLIENT, EngineFixture.CONTROL, EngineFixture.message(type, handle, sequence, body)));
        }

        public Outcome back(final String type, final String body) {
            return stage.send(EngineFixture.udp(
                    CLIENT, EngineFixture.CONTROL, SERVER, port, EngineFixture.message(type, handle, sequence, body)));
        }

        /** REQ, ACK after 3 ms, REP after 200 ms, ACK. */
        public Talk dump(final String disk, final String level, final String connect) {
            forth("REQ", EngineFixture.requestBody("sendbackup") + dle(disk, level));
            stage.later(3 * MILLI);
            back("ACK", "");
            stage.later(197 * MILLI);
            back("REP", "CONNECT " + connect + "\nOPTIONS features=ff;\n");
            forth("ACK", "");
            return this;
        }

        public static String dle(final String disk, final String level) {
            return "<dle>\n  <program>GNUTAR</program>\n  <disk>" + disk + "</disk>\n  <level>" + level
                    + "</level>\n  <index>YES</index>\n</dle>\n";
        }
    }

    public Talk talk(final int number) {
        return new Talk(this, String.format("000-%08x", number), Integer.toString(1_795_000_000 + number), 844);
    }

    public Outcome tcp(
            final boolean back, final int port, final int flags, final int sequence, final int ack, final int payload) {
        return send(
                back
                        ? PacketBuilder.ip(CLIENT, SERVER)
                                .tcp(port, CONNECTOR, flags, sequence, ack, new byte[0], new byte[payload])
                        : PacketBuilder.ip(SERVER, CLIENT)
                                .tcp(CONNECTOR, port, flags, sequence, ack, new byte[0], new byte[payload]));
    }

    /** Handshake, that many bytes from the client in segments of 1000, one each second, and an orderly end. */
    public void carry(final int port, final int segments) {
        tcp(false, port, TcpView.SYN, 1000, 0, 0);
        tcp(true, port, TcpView.SYN | TcpView.ACK, 5000, 1001, 0);
        tcp(false, port, TcpView.ACK, 1001, 5001, 0);
        int sequence = 5001;
        for (int i = 0; i < segments; i++) {
            later(SECOND);
            tcp(true, port, TcpView.ACK, sequence, 1001, 1000);
            sequence += 1000;
            tcp(false, port, TcpView.ACK, 1001, sequence, 0);
        }
        tcp(true, port, TcpView.ACK | TcpView.FIN, sequence, 1001, 0);
        tcp(false, port, TcpView.ACK | TcpView.FIN, 1001, sequence + 1, 0);
        tcp(true, port, TcpView.ACK, sequence + 1, 1002, 0);
    }

    public static List<Map<String, Object>> parse(final List<String> lines) {
        return lines.stream().map(JsonReader::object).toList();
    }
}
