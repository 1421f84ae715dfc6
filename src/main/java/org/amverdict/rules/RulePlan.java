package org.amverdict.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.amverdict.amanda.StreamName;
import org.amverdict.config.QueueRange;
import org.amverdict.config.Settings;
import org.amverdict.config.Settings.Copy;
import org.amverdict.packet.IpAddress;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.PublishedHost;
import org.amverdict.policy.PublishedHosts;
import org.amverdict.policy.StaticRange;
import org.amverdict.rules.RuleOptions.Fanout;
import org.amverdict.rules.RuleOptions.Placement;
import org.amverdict.rules.RulesException.Cause;
import org.jspecify.annotations.Nullable;

/**
 * What the rules of both formats have in common: the hosts and the queues. Immutable.
 *
 * @param options what was asked for
 * @param pairs hosts that talk to each other
 * @param control what goes to the queues that inspect control datagrams
 * @param streams queues for TCP
 * @param marks what the program sets in the marks of packets that the kernel may then carry alone
 * @param published hosts behind public addresses
 */
record RulePlan(
        RuleOptions options, Pairs pairs, Control control, Queues streams, Marks marks, PublishedEntries published) {
    /**
     * Pairs of hosts.
     *
     * @param ipv4 pairs of IPv4 hosts
     * @param ipv6 pairs of IPv6 hosts
     */
    record Pairs(List<HostPair> ipv4, List<HostPair> ipv6) {}

    /**
     * Where the control exchange is inspected.
     *
     * @param ports ports of amandad
     * @param queues queues for UDP
     * @param legacyRecovery whether a line of the configuration allows legacy recovery, which is inspected in the
     *     same queues
     */
    record Control(PortSet ports, Queues queues, boolean legacyRecovery) {}

    /**
     * Marks that the program sets.
     *
     * @param mask bits of the mark that name a stream
     * @param values every mark that a stream can have, ascending
     * @param continued bits of the mark of packets that are left to the other rules
     */
    record Marks(long mask, List<Long> values, long continued) {}

    /**
     * All hosts behind public addresses.
     *
     * @param hosts none unless the rules are at FORWARD and for enforce mode
     * @param mask bits of the mark that name a host
     * @param resting whether there are some, and monitor mode, which changes nothing, translates to none
     */
    record PublishedEntries(List<Published> hosts, long mask, boolean resting) {}

    /**
     * A host behind a public address.
     *
     * @param entry as configured
     * @param requesters the hosts that may send it any request
     * @param hostPort its own control port
     * @param mark the value that the program sets in the bits of the mask
     */
    record Published(PublishedHost entry, List<HostPrefix> requesters, int hostPort, long mark) {}

    /** Consecutive queues. */
    record Queues(int first, int last) {
        String joined(final String separator) {
            return first == last ? Integer.toString(first) : first + separator + last;
        }
    }

    static RulePlan of(final Settings settings, final RuleOptions options) throws RulesException {
        final List<HostPair> ipv4 = pairs(settings, true);
        final List<HostPair> ipv6 = pairs(settings, false);
        if (ipv4.isEmpty() && ipv6.isEmpty()) {
            throw new RulesException(
                    Cause.UNSUITABLE, "no line of 'allow' or 'static' has requester and responder of one family");
        }
        final Settings.Marks marks = settings.marks();
        final TreeSet<Long> values = new TreeSet<>();
        for (final StreamName stream : StreamName.values()) {
            if (marks.of(stream) > 0) {
                values.add(marks.of(stream));
            }
        }
        if (options.placement() == Placement.OFFLOAD && values.isEmpty()) {
            throw new RulesException(
                    Cause.UNSUITABLE,
                    "placement offload needs 'marks' in the configuration: they tell the kernel which "
                            + "connections it may carry alone");
        }
        if (!values.isEmpty() && (options.passMark() & marks.mask()) != 0) {
            throw new RulesException(
                    Cause.UNSUITABLE, "the pass mark has bits of marks.mask, which the engine overwrites");
        }
        if ((options.passMark() & settings.continueMark()) != 0) {
            throw new RulesException(
                    Cause.UNSUITABLE, "the pass mark has bits of continue-mark, which says the opposite");
        }
        final boolean translating = hooks(options.at()).contains("FORWARD")
                && !settings.published().entries().isEmpty();
        final boolean resting = translating && settings.mode() == Settings.Mode.MONITOR;
        final List<Published> published = translating && !resting ? published(settings) : List.of();
        if (!published.isEmpty() && (options.passMark() & settings.published().mask()) != 0) {
            throw new RulesException(
                    Cause.UNSUITABLE, "the pass mark has bits of published-mask, which say for which host a packet is");
        }
        final int control = controlEntry(settings.queues());
        final QueueRange first = settings.queues().get(control);
        final Queues streams = streams(settings.queues(), control);
        if (options.fanout() == Fanout.PROCESSOR
                && first.first() == first.last()
                && streams.first() == streams.last()) {
            throw new RulesException(
                    Cause.UNSUITABLE,
                    "--queue-cpu-fanout spreads packets over a range of queues, and 'queues' has none; write "
                            + "- {numbers: 11-14, copy: headers}, one queue for each processor");
        }
        return new RulePlan(
                options,
                new Pairs(ipv4, ipv6),
                new Control(
                        settings.controlPorts(),
                        new Queues(first.first(), first.last()),
                        settings.allow().stream().anyMatch(Allowance::legacyRecovery)),
                streams,
                new Marks(marks.mask(), List.copyOf(values), settings.continueMark()),
                new PublishedEntries(published, settings.published().mask(), resting));
    }

    private static int controlEntry(final List<QueueRange> queues) {
        for (int i = 0; i < queues.size(); i++) {
            if (queues.get(i).copy() == Copy.PACKET) {
                return i;
            }
        }
        return 0;
    }

    private static Queues streams(final List<QueueRange> queues, final int control) throws RulesException {
        final List<QueueRange> others = new ArrayList<>(queues);
        if (others.size() > 1) {
            others.remove(control);
        }
        others.sort((a, b) -> Integer.compare(a.first(), b.first()));
        for (int i = 1; i < others.size(); i++) {
            if (others.get(i).first() != others.get(i - 1).last() + 1) {
                throw new RulesException(
                        Cause.UNSUITABLE,
                        "the queues for TCP, " + others.get(i - 1).numbers() + " and "
                                + others.get(i).numbers() + ", are not consecutive; a rule balances over one range");
            }
        }
        return new Queues(others.get(0).first(), others.get(others.size() - 1).last());
    }

    private static List<HostPair> pairs(final Settings settings, final boolean ipv4) {
        final List<HostPair> pairs = new ArrayList<>();
        for (final Allowance line : settings.allow()) {
            add(
                    pairs,
                    line.name(),
                    HostPair.ofFamily(line.requesters().prefixes(), ipv4),
                    HostPair.ofFamily(line.responders().prefixes(), ipv4),
                    null);
        }
        int number = 0;
        for (final StaticRange line : settings.statics()) {
            add(
                    pairs,
                    "static " + ++number,
                    HostPair.ofFamily(line.from().prefixes(), ipv4),
                    HostPair.ofFamily(line.to().prefixes(), ipv4),
                    line.tcp());
        }
        return pairs;
    }

    private static void add(
            final List<HostPair> pairs,
            final String name,
            final List<HostPrefix> requesters,
            final List<HostPrefix> responders,
            final @Nullable PortSet staticPorts) {
        if (!requesters.isEmpty() && !responders.isEmpty()) {
            pairs.add(new HostPair(name, requesters, responders, staticPorts));
        }
    }

    private static List<Published> published(final Settings settings) throws RulesException {
        final PublishedHosts hosts = settings.published();
        final PortSet ports = settings.controlPorts();
        final int usual = Policy.DEFAULT_CONTROL_PORTS.first(0);
        final int hostPort = ports.contains(usual) ? usual : ports.first(0);
        final List<Published> published = new ArrayList<>();
        for (int i = 0; i < hosts.entries().size(); i++) {
            final PublishedHost entry = hosts.entry(i);
            final IpAddress host = entry.host();
            final List<HostPrefix> requesters = new ArrayList<>();
            for (final Allowance line : settings.allow()) {
                if (line.responders().contains(host.high(), host.low())) {
                    requesters.addAll(line.requesters().prefixes());
                }
            }
            final List<HostPrefix> ofFamily = HostPair.ofFamily(requesters, host.isIpv4());
            if (ofFamily.isEmpty()) {
                throw new RulesException(
                        Cause.UNSUITABLE,
                        "no line of 'allow' has the published host " + host
                                + " among its responders, so no host may ask it");
            }
            published.add(new Published(entry, ofFamily, hostPort, hosts.mark(i)));
        }
        return published;
    }

    /** Published hosts of a family. */
    List<Published> published(final boolean ofIpv4) {
        return published.hosts().stream()
                .filter(host -> host.entry().host().isIpv4() == ofIpv4)
                .toList();
    }

    List<HostPair> pairs(final boolean ofIpv4) {
        return ofIpv4 ? pairs.ipv4() : pairs.ipv6();
    }

    /** Whether packets are spread over these queues by processor. One queue has nothing to spread. */
    boolean fansOut(final Queues queues) {
        return options.fanout() == Fanout.PROCESSOR && queues.first() < queues.last();
    }

    /** Kernel chains that the rules hang on. */
    List<String> hooks() {
        return hooks(options.at());
    }

    private static List<String> hooks(final RuleOptions.At at) {
        return switch (at) {
            case FORWARD -> List.of("FORWARD");
            case CLIENT, SERVER -> List.of("INPUT", "OUTPUT");
            case EVERYWHERE -> List.of("FORWARD", "INPUT", "OUTPUT");
        };
    }

    /** What a reader of the rules has to know, a line each. */
    List<String> notes() {
        final List<String> notes = new ArrayList<>();
        if (options.placement() == Placement.GATE) {
            notes.add("conntrack is in the path, so the kernel puts fragments together.");
        }
        if (options.placement() == Placement.OFFLOAD) {
            notes.add("The bits 0x" + Long.toHexString(marks.mask())
                    + " of packet and connection marks must be nobody else's: a marked connection is not queued.");
        }
        if (!published.hosts().isEmpty()) {
            notes.add("Published hosts: the bits 0x" + Long.toHexString(published.mask())
                    + " of packet marks say which one a connection is for; nobody else may use them.");
        }
        if (published.resting()) {
            notes.add("Mode monitor changes nothing, so it translates to no published host. Load the rules again after"
                    + " mode: enforce.");
        }
        notes.add("What is not Amanda's comes back with the bits 0x" + Long.toHexString(marks.continued())
                + " of the mark, and the rules after these decide.");
        return notes;
    }

    /** For the first line of the text. */
    String title() {
        return "amverdict rules: " + options.placement().label() + " at "
                + options.at().label() + (options.bypass() ? ", packets pass while the program is not running" : "");
    }
}
