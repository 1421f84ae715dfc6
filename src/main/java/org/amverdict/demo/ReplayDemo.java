package org.amverdict.demo;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.amverdict.amanda.Service;
import org.amverdict.engine.EngineSettings;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.replay.PcapSource;
import org.amverdict.replay.ReplayRun;
import org.amverdict.replay.VerdictLog;
import org.amverdict.track.TableLimits;

/** The demo without a network: recordings of real Amanda, judged by the same engine. For one thread. */
final class ReplayDemo {
    private static final HostSet SERVER = HostSet.of("10.80.1.2");
    private static final HostSet CLIENT = HostSet.of("10.80.2.2");
    private static final Allowance DUMPS =
            allowance("dumps", SERVER, CLIENT, Service.NOOP, Service.SELFCHECK, Service.SENDSIZE, Service.SENDBACKUP);
    private static final Allowance RECOVERY =
            allowance("recovery", CLIENT, SERVER, Service.AMINDEXD, Service.AMIDXTAPED);

    private final Narrator narrator;
    private final Path directory;

    /** @param directory where the recordings are unpacked */
    ReplayDemo(final Narrator narrator, final Path directory) {
        this.narrator = narrator;
        this.directory = directory;
    }

    private static Allowance allowance(
            final String name, final HostSet requesters, final HostSet responders, final Service... services) {
        int bits = 0;
        for (final Service service : services) {
            bits |= service.bit();
        }
        return new Allowance(name, requesters, responders, bits, Policy.DEFAULT_STREAM_PORTS, false);
    }

    /**
     * Runs the whole script.
     *
     * @throws IOException if a recording cannot be read
     */
    void play() throws IOException {
        narrator.columns();
        narrator.heading("A backup (auth bsd): the server connects to four ports that the client announced");
        recording("bsd-backup.pcap", DUMPS, 4);
        narrator.heading("A recovery (auth bsdudp): the client connects to two ports that the server announced");
        recording("bsdudp-recover.pcap", RECOVERY, 2);
    }

    private void recording(final String name, final Allowance allowance, final int streams) throws IOException {
        final Path file = unpack(name);
        final String expected = Integer.toString(streams);
        final List<String> lines = new ArrayList<>();
        final VerdictLog allowed = judge(file, List.of(allowance), lines);
        lines.stream()
                .filter(line -> line.contains(" opens ") || line.contains(" expected "))
                .forEach(narrator::info);
        narrator.trial(name + ": streams announced", expected, Integer.toString(allowed.streamsAnnounced()));
        narrator.trial("their connections accepted", expected, Integer.toString(allowed.streamsConnected()));
        narrator.trial("connections dropped", "0", Long.toString(allowed.synsRefused()));
        final VerdictLog denied = judge(file, List.of(), new ArrayList<>());
        narrator.trial("the same packets, nobody is allowed: opened", "0", Integer.toString(denied.streamsAnnounced()));
        narrator.trial("connections dropped", expected, Long.toString(denied.synsRefused()));
    }

    private static VerdictLog judge(final Path file, final List<Allowance> allow, final List<String> lines)
            throws IOException {
        final VerdictLog log = VerdictLog.text(lines::add);
        final EngineSettings settings = EngineSettings.of(Policy.of(allow));
        try (PcapSource source = new PcapSource(List.of(file))) {
            new ReplayRun(settings, TableLimits.DEFAULTS, log).judge(source);
        }
        return log;
    }

    private Path unpack(final String name) throws IOException {
        final Path file = directory.resolve(name);
        try (InputStream in = ReplayDemo.class.getResourceAsStream("/demo/" + name)) {
            if (in == null) {
                throw new FileNotFoundException("the program's jar has no /demo/" + name);
            }
            Files.copy(in, file);
        }
        return file;
    }
}
