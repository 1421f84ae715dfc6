package org.amverdict.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amverdict.engine.EngineSettings;
import org.amverdict.host.Subprocess;
import org.amverdict.lab.ChildProcess;
import org.amverdict.lab.Host;
import org.amverdict.lab.LabException;
import org.amverdict.lab.Namespaces;
import org.amverdict.lab.ScratchDirectory;

/**
 * Two network namespaces joined by a veth pair: one makes traffic, the other judges it. Their addresses are set
 * aside for measuring (RFC 2544); nothing leaves them. For one thread; the end of the JVM cleans up like {@link
 * #close}.
 */
final class BenchNetwork implements AutoCloseable {
    private static final String CONTINUED = "0x" + Long.toHexString(EngineSettings.DEFAULT_CONTINUE_MARK);
    static final int QUEUE = 7;
    static final String NETWORK = "198.18.0.0/16";
    static final String GENERATOR_ADDRESS = "198.18.0.1";
    static final String DEVICE_ADDRESS = "198.18.0.2";

    private static final int LINES_MAX = 100;
    private static final String GENERATOR = "generator";
    private static final String DEVICE = "device";
    private static final String NO_IPV6 =
            "for f in /proc/sys/net/ipv6/conf/*/disable_ipv6; do [ ! -e $f ] || echo 1 > $f; done";
    private static final Pattern COUNT = Pattern.compile("\\[([0-9]+):[0-9]+\\] -A INPUT [^\\n]*-j DROP");

    private final Namespaces namespaces = new Namespaces("bench");
    private final Host generator;
    private final Host device;
    private final Path directory;

    private BenchNetwork() throws IOException {
        boolean done = false;
        try {
            directory = namespaces.own(new ScratchDirectory()).path();
            namespaces.add(GENERATOR, NO_IPV6);
            namespaces.add(DEVICE, NO_IPV6);
            namespaces.ip(
                    GENERATOR, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", name(DEVICE));
            generator = join(GENERATOR, GENERATOR_ADDRESS);
            device = join(DEVICE, DEVICE_ADDRESS);
            done = true;
        } finally {
            if (!done) {
                close();
            }
        }
    }

    /** @throws LabException with the command that failed; whatever had been made is removed again */
    static BenchNetwork open() throws IOException {
        return new BenchNetwork();
    }

    private String name(final String role) {
        return namespaces.prefix() + role;
    }

    private Host join(final String role, final String address) throws IOException {
        namespaces.ip(role, "addr", "add", address + "/16", "dev", "eth0");
        namespaces.ip(role, "link", "set", "eth0", "up");
        final InetAddress parsed = InetAddress.getByName(address);
        return namespaces.host(role, parsed, parsed);
    }

    Host generator() {
        return generator;
    }

    Host device() {
        return device;
    }

    /** For files of the measurement; removed with the network. */
    Path directory() {
        return directory;
    }

    /** Starts a program in a namespace, on a processor. It ends with the network at the latest. */
    ChildProcess start(final Host where, final int core, final List<String> command) throws IOException {
        final List<String> words = new ArrayList<>(Cores.on(core));
        words.addAll(command);
        return namespaces.own(ChildProcess.start(where.inside(words), LINES_MAX));
    }

    /**
     * Replaces the rules of the device.
     *
     * @param mix the traffic they are for
     * @param target {@code NFQUEUE --queue-num 7} or {@code ACCEPT}
     * @param sink whether accepted packets, except probes, are then counted and dropped, which costs less than any
     *     receiver
     */
    void rules(final Mix mix, final String target, final boolean sink) throws IOException {
        final String match = mix.udp() ? "-p udp --dport 10080" : "-p tcp";
        final String counted = mix.udp() ? "-p udp ! --sport " + LatencyProbe.REQUESTER_PORT + " --dport 10080" : match;
        final String end = sink ? "-A INPUT " + counted + " -j DROP\n" : "";
        // What amverdict continues comes back with the mark. For every contestant, so that all have the same rules.
        final String rules = "*mangle\n:INPUT ACCEPT [0:0]\n-A INPUT -m mark --mark " + CONTINUED + "/" + CONTINUED
                + " -j ACCEPT\n-A INPUT " + match + " -j " + target + "\nCOMMIT\n*filter\n:INPUT ACCEPT [0:0]\n" + end
                + "COMMIT\n";
        final Subprocess.Result result = Subprocess.attempt(device.inside(List.of("iptables-restore")), rules);
        if (result.status() != 0) {
            throw new IOException("iptables-restore: " + result.output());
        }
    }

    /** Packets that have reached the sink. */
    long delivered() throws IOException {
        return parseDelivered(device.run("iptables-save", "-c", "-t", "filter"));
    }

    /** The counters of the rules that drop, from the text of iptables-save. */
    static long parseDelivered(final String rules) {
        final Matcher matcher = COUNT.matcher(rules);
        long packets = 0;
        while (matcher.find()) {
            packets += Long.parseLong(matcher.group(1));
        }
        return packets;
    }

    @Override
    public void close() {
        namespaces.close();
    }
}
