package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amverdict.amanda.Example;
import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.Service;
import org.amverdict.engine.EngineFixture.Outcome;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.track.TableLimits;

/** Plays one {@link ExchangeScript} on an engine: the lines before the first packet make its settings. */
final class ExchangePlayer {
    private static final Pattern JUDGED =
            Pattern.compile("(accept|drop) ([a-z-]+)(?:\\(([a-z-]+)\\))? +([<>][a-z<>]*|syn|tcp[<>]|udp) ?(.*)");
    private static final int DESTINATION_PORT_AT4 = 22;
    private static final int DESTINATION_PORT_AT6 = 42;
    private static final int IP_HEADER4 = 20;
    private static final int FRAGMENT_BYTES = 600;
    /** Where the scan connects from; no script does. */
    private static final int SCANNER = 61_000;

    /** Ports that a mistaken engine would open first. */
    private static final List<Integer> TEMPTING =
            List.of(20, 21, 22, 23, 24, 25, 80, 150, 151, 152, 153, 445, 1011, 3306, 3389, 10_082, 10_083, 47_011);

    private final ExchangeScript script;
    private final List<Allowance> allowances = new ArrayList<>();
    private PortSet controlPorts = Policy.DEFAULT_CONTROL_PORTS;
    private PortSet requesterPorts = Policy.DEFAULT_REQUESTER_PORTS;
    private boolean dropRefusedReplies;
    private EngineFixture fixture = new EngineFixture();
    private String requester = EngineFixture.SERVER;
    private int requesterPort = EngineFixture.REQUESTER_PORT;
    private String responder = EngineFixture.CLIENT;
    private int responderPort = EngineFixture.CONTROL;
    private long now = 1000 * EngineFixture.SECOND;
    private int judged;
    private String where = "";

    ExchangePlayer(final ExchangeScript script) {
        this.script = script;
    }

    /** Plays it to its end: every packet's verdict, and then who can connect to what. */
    void play() {
        final Map<String, SortedSet<Integer>> opens = new TreeMap<>();
        for (final ExchangeScript.Line line : script.lines()) {
            where = script.title() + ", line " + line.number() + ": " + line.text();
            final String[] words = line.text().split(" +", -1);
            switch (words[0]) {
                case "allow" -> allow(words);
                case "control-ports" -> controlPorts = PortSet.of(Integer.parseInt(words[1]));
                case "requester-ports" -> requesterPorts = range(words[1]);
                case "refused-reply" -> dropRefusedReplies = words[1].equals("drop");
                case "ends" -> setEnds(words[1], words[2]);
                case "via" -> fixture.interfaces(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
                case "wait" -> pass(words[1]);
                case "opens" -> note(opens, words);
                default -> judge(line.text());
            }
            if (judged == 0 && !words[0].equals("via")) {
                fixture = new EngineFixture(settings(), TableLimits.DEFAULTS);
            }
        }
        assertTrue(judged > 0 && !opens.isEmpty(), () -> script.title() + ": no packet, or nothing said of ports");
        opens.forEach((pair, ports) -> verify(pair, ports, opens.containsKey(reversed(pair))));
    }

    private EngineSettings settings() {
        final List<Allowance> allowed =
                allowances.isEmpty() ? EngineFixture.policy().allowances() : allowances;
        return EngineSettings.builder(Policy.of(allowed, List.of(), controlPorts, requesterPorts))
                .dropRefusedReplies(dropRefusedReplies)
                .conclude();
    }

    /** {@code allow REQUESTER RESPONDER SERVICES PORTS}. */
    private void allow(final String[] words) {
        int services = 0;
        for (final String label : words[3].split(",", -1)) {
            final Service service = Service.ofLabel(label);
            assertTrue(service != null, where);
            services |= service == null ? 0 : service.bit();
        }
        allowances.add(
                new Allowance(where, HostSet.of(words[1]), HostSet.of(words[2]), services, range(words[4]), false));
    }

    private static PortSet range(final String text) {
        final String[] ends = text.split("-", -1);
        return PortSet.range(Integer.parseInt(ends[0]), Integer.parseInt(ends[1]));
    }

    private static int portOf(final String end) {
        return Integer.parseInt(end.substring(end.lastIndexOf(':') + 1));
    }

    private static String hostOf(final String end) {
        return end.substring(0, end.lastIndexOf(':')).replace("[", "").replace("]", "");
    }

    private void setEnds(final String requesterEnd, final String responderEnd) {
        requester = hostOf(requesterEnd);
        requesterPort = portOf(requesterEnd);
        responder = hostOf(responderEnd);
        responderPort = portOf(responderEnd);
    }

    private void pass(final String duration) {
        final long count = Long.parseLong(duration.substring(0, duration.length() - 1));
        now += switch (duration.charAt(duration.length() - 1)) {
            case 'h' -> count * 3600 * EngineFixture.SECOND;
            case 's' -> count * EngineFixture.SECOND;
            default -> throw new IllegalArgumentException(where);
        };
        fixture.engine().housekeep(now, 1000);
    }

    private void judge(final String line) {
        final Matcher parts = JUDGED.matcher(line);
        assertTrue(parts.matches(), where);
        final String expected = parts.group(1) + " " + parts.group(2);
        String why = parts.group(3) == null ? Refusal.NONE.label() : parts.group(3);
        for (final byte[] packet : packets(parts.group(4), parts.group(5))) {
            judged++;
            final Outcome outcome = fixture.send(packet, now);
            assertEquals(expected, outcome.summary(), where);
            assertEquals(why, outcome.refusal().label(), where);
            why = Refusal.NONE.label(); // later fragments only follow their first one
        }
    }

    private List<byte[]> packets(final String kind, final String rest) {
        return switch (kind) {
            case ">" -> List.of(fromRequester(control(rest)));
            case "<" -> List.of(fromResponder(control(rest)));
            case ">>" -> List.of(fromRequester(Example.unescaped(rest)));
            case "<<" -> List.of(fromResponder(Example.unescaped(rest)));
            case ">f" -> PacketBuilder.fragments(fromRequester(control(rest)), FRAGMENT_BYTES);
            case "<f" -> PacketBuilder.fragments(fromResponder(control(rest)), FRAGMENT_BYTES);
            case "<short" -> List.of(shortened(fromResponder(control(rest)), control(rest)));
            case "syn" -> List.of(syn(rest));
            case "tcp>" -> List.of(segment(rest, true));
            case "tcp<" -> List.of(segment(rest, false));
            case "udp" -> List.of(EngineFixture.udp(requester, 50_000, responder, Integer.parseInt(rest), new byte[4]));
            default -> throw new IllegalArgumentException(where);
        };
    }

    /** {@code VERSION TYPE HANDLE SEQ BODY}. */
    private byte[] control(final String text) {
        final String[] words = text.split(" ", 5);
        final String header =
                "Amanda " + words[0] + " " + words[1] + " HANDLE " + words[2] + " SEQ " + words[3] + "\\n";
        return Example.unescaped(header + (words.length == 5 ? words[4] : ""));
    }

    private byte[] fromRequester(final byte[] payload) {
        return EngineFixture.udp(requester, requesterPort, responder, responderPort, payload);
    }

    private byte[] fromResponder(final byte[] payload) {
        return EngineFixture.udp(responder, responderPort, requester, requesterPort, payload);
    }

    /** The datagram ends with its first line, what follows is behind its end; without a checksum. */
    private static byte[] shortened(final byte[] packet, final byte[] payload) {
        final byte[] changed = packet.clone();
        final int line = new String(payload, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf('\n') + 1;
        PacketBuilder.putShort(changed, IP_HEADER4 + 4, 8 + line);
        PacketBuilder.putShort(changed, IP_HEADER4 + 6, 0);
        return changed;
    }

    /** {@code PORT}, or {@code FROM:PORT TO:PORT}. */
    private byte[] syn(final String rest) {
        final String[] ends = rest.split(" ", -1);
        return ends.length == 1
                ? EngineFixture.tcp(requester, Exchange.CONNECTOR, responder, Integer.parseInt(ends[0]), TcpView.SYN)
                : EngineFixture.tcp(hostOf(ends[0]), portOf(ends[0]), hostOf(ends[1]), portOf(ends[1]), TcpView.SYN);
    }

    /** {@code PORT FLAGS [TEXT]}: a segment to or from that port of the responder. */
    private byte[] segment(final String rest, final boolean byRequester) {
        final String[] words = rest.split(" ", 3);
        final int port = Integer.parseInt(words[0]);
        int flags = 0;
        for (int i = 0; i < words[1].length(); i++) {
            flags |= 1 << "FSRPAU".indexOf(words[1].charAt(i));
        }
        final byte[] data = words.length < 3 ? new byte[0] : Example.unescaped(words[2]);
        return byRequester
                ? PacketBuilder.ip(requester, responder).tcp(Exchange.CONNECTOR, port, flags, data)
                : PacketBuilder.ip(responder, requester).tcp(port, Exchange.CONNECTOR, flags, data);
    }

    /** {@code opens PORT…} of the present ends, or {@code opens FROM>TO PORT…}; {@code -} for none. */
    private void note(final Map<String, SortedSet<Integer>> opens, final String[] words) {
        final boolean named = words[1].contains(">");
        final SortedSet<Integer> ports =
                opens.computeIfAbsent(named ? words[1] : requester + ">" + responder, pair -> new TreeSet<>());
        for (final String word : Arrays.asList(words).subList(named ? 2 : 1, words.length)) {
            if (!word.equals("-")) {
                ports.add(Integer.valueOf(word));
            }
        }
    }

    private static String reversed(final String pair) {
        final String[] hosts = pair.split(">", -1);
        return hosts[1] + ">" + hosts[0];
    }

    /** Of all TCP ports the requester can connect to these, once each; nobody else to any, nor the other way round. */
    private void verify(final String pair, final SortedSet<Integer> ports, final boolean bothWays) {
        where = script.title() + ": " + pair;
        final String[] hosts = pair.split(">", -1);
        final boolean six = hosts[0].contains(":");
        final String stranger = six ? EngineFixture.STRANGER6 : EngineFixture.STRANGER;
        final List<Integer> probes = new ArrayList<>(TEMPTING);
        ports.forEach(port -> probes.addAll(List.of(port - 1, port, port + 1)));
        if (!bothWays) {
            assertEquals(List.of(), connected(hosts[1], SCANNER, hosts[0], probes), where + ", the other way round");
        }
        assertEquals(List.of(), connected(stranger, SCANNER, hosts[1], probes), where + ", from a stranger");
        assertEquals(List.of(), connected(hosts[0], SCANNER, stranger, probes), where + ", to a stranger");
        assertEquals(List.of(), connected(hosts[0], 1023, hosts[1], probes), where + ", from a privileged port");
        final List<Integer> all = new ArrayList<>();
        for (int port = 1; port <= 65_535; port++) {
            all.add(port);
        }
        assertEquals(List.copyOf(ports), connected(hosts[0], SCANNER, hosts[1], all), where);
        assertEquals(List.of(), connected(hosts[0], SCANNER + 1, hosts[1], probes), where + ", once more");
    }

    /** At which of these ports a SYN is let in; the control ports, open for auth bsdtcp, are left out. */
    private List<Integer> connected(
            final String from, final int sourcePort, final String to, final List<Integer> candidates) {
        final byte[] syn = EngineFixture.tcp(from, sourcePort, to, 1, TcpView.SYN);
        final List<Integer> accepted = new ArrayList<>();
        for (final int port : candidates) {
            PacketBuilder.putShort(syn, from.contains(":") ? DESTINATION_PORT_AT6 : DESTINATION_PORT_AT4, port);
            if (!controlPorts.contains(port) && fixture.send(syn, now).accepted()) {
                accepted.add(port);
            }
        }
        return accepted;
    }
}
