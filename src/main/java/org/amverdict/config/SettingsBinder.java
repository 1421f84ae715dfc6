package org.amverdict.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amverdict.config.Settings.Copy;
import org.amverdict.config.Settings.LogFormat;
import org.amverdict.config.Settings.LogLevel;
import org.amverdict.config.Settings.Marks;
import org.amverdict.config.Settings.Mode;
import org.amverdict.config.Settings.Wait;
import org.amverdict.engine.Decision;
import org.amverdict.engine.Verdict;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.PublishedHost;
import org.amverdict.policy.PublishedHosts;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** From YAML nodes to {@link Settings}; reports every error and puts the default in its place. */
final class SettingsBinder {
    /** sun_path of linux/un.h, less the NUL. */
    private static final int SOCKET_PATH_MAX = 107;

    private static final int PATH_MAX = 4095;
    private static final int CAPACITY_MIN = 16;
    private static final long SECOND_NS = Durations.seconds(1);
    private static final long DAY_NS = Durations.seconds(86_400);

    private final Problems problems;
    private final Settings defaults = Settings.defaults();

    private SettingsBinder(final Problems problems) {
        this.problems = problems;
    }

    static Settings bind(final @Nullable Node root, final Problems problems) {
        return new SettingsBinder(problems).bind(root);
    }

    private Settings bind(final @Nullable Node root) {
        final Section top = new Section(root, "", problems, ConfigurationKey.namesIn(""));
        final PolicyBinder policy = new PolicyBinder(problems);
        final Marks marks = marks(top);
        return new Settings(
                top.choice("mode", defaults.mode(), Mode.values(), Mode::label),
                queues(top),
                top.integer("queue-length", defaults.queueLength(), 1, Settings.QUEUE_LENGTH_MAX),
                verdict(top, "overload", defaults.overload()),
                controlPorts(top),
                ports(top, "requester-ports", defaults.requesterPorts(), problems),
                policy.allow(top),
                policy.statics(top),
                published(top, marks, policy),
                top.bool("match-interfaces", defaults.matchInterfaces()),
                expectations(top),
                transactions(top),
                flows(top),
                verdict(top, "refused-reply", defaults.refusedReply()),
                marks,
                log(top),
                new Settings.Events(
                        path(section(top, "events"), "file", defaults.events().file(), PATH_MAX)),
                metrics(top),
                new Settings.Control(path(
                        section(top, "control"), "socket", defaults.control().socket(), SOCKET_PATH_MAX)),
                new Settings.State(
                        path(section(top, "state"), "file", defaults.state().file(), PATH_MAX)));
    }

    private static Section section(final Section top, final String name) {
        return top.section(name, ConfigurationKey.namesIn(name));
    }

    private static Verdict verdict(final Section in, final String key, final Verdict absent) {
        return in.choice(key, absent, Verdict.values(), Verdict::label);
    }

    private List<QueueRange> queues(final Section top) {
        final List<Node> entries = top.list("queues");
        if (entries == null) {
            return defaults.queues();
        }
        if (entries.isEmpty()) {
            top.error("queues", "no queue; write - {numbers: 10}");
        }
        final List<QueueRange> queues = new ArrayList<>();
        int count = 0;
        for (int i = 0; i < entries.size() && i <= Settings.QUEUES_MAX; i++) {
            final Section entry =
                    new Section(entries.get(i), "queues[" + i + "]", problems, ConfigurationKey.namesIn("queues"));
            final Copy copy = entry.choice("copy", Copy.PACKET, Copy.values(), Copy::label);
            final int cpu = entry.integer("cpu", QueueRange.ANY_CPU, 0, QueueRange.CPU_MAX);
            final Wait wait = entry.choice("wait", Wait.BLOCK, Wait.values(), Wait::label);
            final boolean gso = entry.bool("gso", QueueRange.usualGso(copy));
            entry.missing("numbers", "10");
            final QueueRange range = entry.value("numbers", Optional.<QueueRange>empty(), text -> {
                        final QueueRange numbers = QueueRange.parse(text);
                        return Optional.of(new QueueRange(numbers.first(), numbers.last(), copy, cpu, wait, gso));
                    })
                    .orElse(null);
            if (range != null) {
                reportOverlap(entry, range, queues);
                queues.add(range);
                count += range.count();
            }
        }
        if (count > Settings.QUEUES_MAX || entries.size() > Settings.QUEUES_MAX) {
            top.error("queues", "more than " + Settings.QUEUES_MAX + " queues; each has a thread");
        }
        return queues.isEmpty() ? defaults.queues() : queues;
    }

    private static void reportOverlap(final Section entry, final QueueRange range, final List<QueueRange> before) {
        for (final QueueRange other : before) {
            if (range.overlaps(other)) {
                entry.error(
                        "numbers",
                        "queues " + range.numbers() + " overlap with " + other.numbers()
                                + " above; each number can be bound once");
                return;
            }
        }
    }

    private PortSet controlPorts(final Section top) {
        final PortSet ports = ports(top, "control-ports", defaults.controlPorts(), problems);
        if (ports.size() > Settings.CONTROL_PORTS_MAX) {
            top.error(
                    "control-ports",
                    ports.size() + " control ports; amandad listens on one, and " + Settings.CONTROL_PORTS_MAX
                            + " is the limit");
        }
        return ports;
    }

    /** Ports and ranges, as a list or one value. */
    static PortSet ports(final Section in, final String key, final PortSet absent, final Problems problems) {
        final List<ScalarNode> texts = in.texts(key);
        if (texts == null) {
            return absent;
        }
        final List<PortSet> sets = new ArrayList<>();
        boolean good = true;
        for (final ScalarNode text : texts) {
            try {
                sets.add(PortSet.parse(text.getValue()));
            } catch (final IllegalArgumentException e) {
                problems.error(text, String.valueOf(e.getMessage()));
                good = false;
            }
        }
        if (!good) {
            return absent;
        }
        try {
            return PortSet.union(sets);
        } catch (final IllegalArgumentException e) {
            in.error(key, String.valueOf(e.getMessage()));
            return absent;
        }
    }

    private static PublishedHosts published(final Section top, final Marks marks, final PolicyBinder policy) {
        final List<PublishedHost> entries = policy.published(top);
        final long mask = top.value("published-mask", PublishedHosts.DEFAULT_MASK, SettingsBinder::parseMark);
        if (!entries.isEmpty() && marks.any() && (marks.mask() & mask) != 0) {
            top.error(
                    top.has("published-mask") ? "published-mask" : "published",
                    "the published hosts are told apart by the bits 0x" + Long.toHexString(mask)
                            + " of the packet mark, and 'marks.mask' (0x" + Long.toHexString(marks.mask())
                            + ") has some of them; set marks.mask to the bits that the marks need");
        }
        try {
            return PublishedHosts.of(entries, mask);
        } catch (final IllegalArgumentException e) {
            top.error(top.has("published-mask") ? "published-mask" : "published", String.valueOf(e.getMessage()));
            return PublishedHosts.NONE;
        }
    }

    private Settings.Expectations expectations(final Section top) {
        final Settings.Expectations absent = defaults.expectations();
        final Section in = section(top, "expectations");
        final int capacity = capacity(in, absent.capacity());
        return new Settings.Expectations(
                in.duration("lifetime", absent.lifetimeNs(), SECOND_NS, Durations.seconds(3600)),
                in.integer("per-reply", absent.perReply(), 1, Decision.STREAMS_MAX),
                capacity,
                perRequester(in, absent.perRequester(), capacity));
    }

    private Settings.Transactions transactions(final Section top) {
        final Settings.Transactions absent = defaults.transactions();
        final Section in = section(top, "transactions");
        final int capacity = capacity(in, absent.capacity());
        return new Settings.Transactions(
                in.duration("reply-within", absent.replyWithinNs(), SECOND_NS, 7 * DAY_NS),
                capacity,
                perRequester(in, absent.perRequester(), capacity));
    }

    private Settings.Flows flows(final Section top) {
        final Settings.Flows absent = defaults.flows();
        final Section in = section(top, "flows");
        return new Settings.Flows(
                capacity(in, absent.capacity()),
                in.duration("idle", absent.idleNs(), Durations.seconds(60), 30 * DAY_NS),
                in.bool("adopt", absent.adopt()));
    }

    private static int capacity(final Section in, final int absent) {
        return in.integer("capacity", absent, CAPACITY_MIN, Settings.CAPACITY_MAX);
    }

    private static int perRequester(final Section in, final int absent, final int capacity) {
        final int quota = in.integer("per-requester", absent, 1, Settings.CAPACITY_MAX);
        if (quota > capacity && (in.has("per-requester") || in.has("capacity"))) {
            in.error(
                    in.has("per-requester") ? "per-requester" : "capacity",
                    "'" + in.path() + ".per-requester' (" + quota + ") is above '" + in.path() + ".capacity' ("
                            + capacity + "): one requester could fill the table");
        }
        return quota;
    }

    private Marks marks(final Section top) {
        final Section in = section(top, "marks");
        final long mask = in.value("mask", Marks.OFF.mask(), SettingsBinder::parseMark);
        if (mask == 0) {
            in.error("mask", "the mask has no bit, so no mark could be set");
        }
        return new Marks(
                mark(in, "data", mask),
                mark(in, "mesg", mask),
                mark(in, "index", mask),
                mark(in, "state", mask),
                mark(in, "ctl", mask),
                mark(in, "cmd", mask),
                mark(in, "control", mask),
                mask);
    }

    private static long mark(final Section in, final String key, final long mask) {
        return in.value(key, Marks.NONE, text -> {
            final long mark = parseMark(text);
            if ((mark & ~mask) != 0) {
                throw new IllegalArgumentException(
                        "mark " + text + " has bits outside the mask 0x" + Long.toHexString(mask));
            }
            return mark;
        });
    }

    private static long parseMark(final String text) {
        final boolean hex = text.matches("0x[0-9a-fA-F]{1,16}");
        if (!hex && !text.matches("[0-9]{1,18}")) {
            throw new IllegalArgumentException("'" + text + "' is not a mark; write a number such as 0x10");
        }
        final long mark = hex ? Long.parseUnsignedLong(text.substring(2), 16) : Long.parseLong(text);
        if (mark < 0 || mark > 0xffff_ffffL) {
            throw new IllegalArgumentException(text + " is out of range (0 to 0xffffffff)");
        }
        return mark;
    }

    private Settings.Log log(final Section top) {
        final Section in = section(top, "log");
        return new Settings.Log(
                in.choice("level", defaults.log().level(), LogLevel.values(), LogLevel::label),
                in.choice("format", defaults.log().format(), LogFormat.values(), LogFormat::label));
    }

    private Settings.Metrics metrics(final Section top) {
        final Section in = section(top, "metrics");
        return new Settings.Metrics(in.<Optional<ListenAddress>>value(
                        "listen",
                        Optional.ofNullable(defaults.metrics().listen()),
                        text -> text.equals("off") ? Optional.empty() : Optional.of(ListenAddress.parse(text)))
                .orElse(null));
    }

    private static @Nullable Path path(
            final Section in, final String key, final @Nullable Path absent, final int bytesMax) {
        return in.<Optional<Path>>value(key, Optional.ofNullable(absent), text -> {
                    if (text.equals("off")) {
                        return Optional.empty();
                    }
                    if (!text.startsWith("/") || !PolicyBinder.isPrintable(text)) {
                        throw new IllegalArgumentException("'" + text + "' is not an absolute path; write one, or off");
                    }
                    if (text.getBytes(StandardCharsets.UTF_8).length > bytesMax) {
                        throw new IllegalArgumentException("the path is longer than " + bytesMax + " bytes");
                    }
                    return Optional.of(Path.of(text));
                })
                .orElse(null);
    }
}
