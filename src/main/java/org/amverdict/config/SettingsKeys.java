package org.amverdict.config;

import static org.amverdict.config.SettingsKey.Absent.means;
import static org.amverdict.config.SettingsKey.Effect.AT_ONCE;
import static org.amverdict.config.SettingsKey.Effect.RESTART;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.amverdict.amanda.StreamName;
import org.amverdict.config.QueueRange.Wait;
import org.amverdict.config.Settings.Copy;
import org.amverdict.config.Settings.Marks;
import org.amverdict.config.Settings.Mode;
import org.amverdict.config.SettingsKey.Absent;
import org.amverdict.config.SettingsKey.Effect;
import org.amverdict.engine.Decision;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.Verdict;
import org.amverdict.nfqueue.QueueSettings;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.PublishedHost;
import org.amverdict.policy.PublishedHosts;
import org.amverdict.policy.StaticRange;
import org.amverdict.track.ExpectationTable;
import org.amverdict.track.TableLimits;
import org.amverdict.track.TransactionTable;

/**
 * Every key of the configuration file, declared once. To add a setting: declare it here, give {@link Settings} an accessor
 * for it, and read that where it is needed. The keys of list entries are declared with their list, as in
 * {@link QueueEntries}.
 */
public final class SettingsKeys {
    /** sun_path of linux/un.h, less the NUL. */
    private static final int SOCKET_PATH_MAX = 107;
    /** PATH_MAX of linux/limits.h, less the NUL. */
    private static final int PATH_MAX = 4095;

    /** Where a choice is between these. */
    private static final Verdict[] FINAL = Verdict.FINAL.toArray(new Verdict[0]);

    private static final int CAPACITY_MIN = 16;
    /** Most entries of each table. */
    private static final int CAPACITY_MAX = 1 << 22;

    private static final long SECOND_NS = Durations.seconds(1);
    private static final long DAY_NS = Durations.seconds(86_400);
    private static final TableLimits LIMITS = TableLimits.DEFAULTS;

    /** In the order in which they are declared. */
    private static final List<SettingsKey<?>> DECLARED = new ArrayList<>();

    static final SettingsKey<Mode> MODE = key(
            "mode",
            Kinds.choice(Mode.values(), Mode::label),
            means(Mode.ENFORCE),
            AT_ONCE,
            "monitor: judge and report, and leave every packet to the host's other rules. enforce: let Amanda's traffic"
                    + " pass and drop what it is not allowed.");
    static final SettingsKey<Verdict> OTHER_TRAFFIC = key(
            "other-traffic",
            Kinds.choice(new Verdict[] {Verdict.CONTINUE, Verdict.DROP}, Verdict::label),
            means(Verdict.CONTINUE),
            AT_ONCE,
            "What happens in enforce mode to packets between the hosts that are not Amanda's: continue leaves them to"
                    + " the host's other rules, drop drops them.");
    static final SettingsKey<Long> CONTINUE_MARK = key(
            "continue-mark",
            Kinds.mark()
                    .but(
                            "at least one bit",
                            bits -> bits == 0 ? "without a bit, no packet could be left to the other rules" : null),
            means(EngineSettings.DEFAULT_CONTINUE_MARK),
            AT_ONCE,
            "Bits of the packet and connection marks that say: left to the other rules. No other program may use them."
                    + " Print the rules again after a change.");
    static final SettingsKey<List<QueueRange>> QUEUES = list(
            "queues",
            new QueueEntries(),
            means(
                    List.of(
                            new QueueRange(10, 10, Copy.PACKET, QueueRange.ANY_CPU, Wait.BLOCK, false),
                            new QueueRange(11, 14, Copy.HEADERS, QueueRange.ANY_CPU, Wait.BLOCK, true)),
                    "10 with packet, 11-14 with headers"),
            RESTART,
            "The NFQUEUE numbers to bind, at most " + Settings.QUEUES_MAX
                    + ", each once. Every queue has its own thread.");
    static final SettingsKey<Integer> QUEUE_LENGTH = key(
            "queue-length",
            Kinds.number(1, QueueSettings.MAX_LENGTH_MAX),
            means(4096),
            RESTART,
            "The most packets that the kernel may hold for one queue.");
    static final SettingsKey<Verdict> OVERLOAD = key(
            "overload",
            Kinds.choice(FINAL, Verdict::label),
            means(Verdict.DROP),
            RESTART,
            "What the kernel does with packets that do not fit into a queue. With accept, a flood passes the program"
                    + " uninspected.");
    static final SettingsKey<PortSet> CONTROL_PORTS = key(
            "control-ports",
            Texts.ports()
                    .but(
                            "at most " + Settings.CONTROL_PORTS_MAX,
                            ports -> ports.size() <= Settings.CONTROL_PORTS_MAX
                                    ? null
                                    : ports.size() + " control ports; amandad listens on one, and "
                                            + Settings.CONTROL_PORTS_MAX + " is the limit"),
            means(Policy.DEFAULT_CONTROL_PORTS),
            AT_ONCE,
            "UDP (and for bsdtcp TCP) ports on which amandad listens.");
    static final SettingsKey<PortSet> REQUESTER_PORTS = key(
            "requester-ports",
            Texts.manyPorts(),
            means(Policy.DEFAULT_REQUESTER_PORTS),
            AT_ONCE,
            "Source ports from which requests may come.");
    static final SettingsKey<List<Allowance>> ALLOW = list(
            "allow",
            new AllowEntries(),
            means(List.of(), "nothing"),
            AT_ONCE,
            "Which hosts may ask which hosts for what. The first line that matches wins. Control"
                    + " datagrams that no line allows are dropped.");
    static final SettingsKey<List<StaticRange>> STATIC = list(
            "static",
            new StaticEntries(),
            means(List.of(), "nothing"),
            AT_ONCE,
            "Port ranges that some hosts may connect to on others, without an announcement.");
    static final SettingsKey<List<PublishedHost>> PUBLISHED = list(
            "published",
            new PublishedEntries(),
            means(List.of(), "nothing"),
            AT_ONCE,
            "Responders behind destination NAT. The rules that amverdict rules prints translate to them.");
    static final SettingsKey<Long> PUBLISHED_MASK = declared(SettingsKey.setting(
                    "published-mask",
                    Kinds.mark(),
                    means(PublishedHosts.DEFAULT_MASK),
                    AT_ONCE,
                    "Bits of the packet mark that tell the published hosts apart.")
            .in("published"));
    static final SettingsKey<Boolean> MATCH_INTERFACES = key(
            "match-interfaces",
            Kinds.flag(),
            means(true),
            AT_ONCE,
            "Whether an exchange and its streams must keep to the interfaces on which they began.");

    static final SettingsKey<?> EXPECTATIONS = section("expectations", "defaults", "The table of announced streams.");
    static final SettingsKey<Long> EXPECTATIONS_LIFETIME = key(
            "expectations.lifetime",
            Kinds.duration(SECOND_NS, ExpectationTable.LIFETIME_MAX_NANOS),
            means(LIMITS.expectations().lifetimeNanos()),
            AT_ONCE,
            "How long after the REP its streams may connect.");
    static final SettingsKey<Integer> EXPECTATIONS_PER_REPLY = key(
            "expectations.per-reply",
            Kinds.number(1, Decision.STREAMS_MAX),
            means(LIMITS.expectations().perReply()),
            AT_ONCE,
            "The most streams that one REP may announce.");
    static final SettingsKey<Integer> EXPECTATIONS_CAPACITY =
            capacity("expectations.capacity", LIMITS.expectations().capacity());
    static final SettingsKey<Integer> EXPECTATIONS_PER_REQUESTER =
            perRequester("expectations.per-requester", LIMITS.expectations().perRequester());

    static final SettingsKey<?> TRANSACTIONS = section("transactions", "defaults", "The table of requests.");
    static final SettingsKey<Long> TRANSACTIONS_REPLY_WITHIN = key(
            "transactions.reply-within",
            Kinds.duration(SECOND_NS, TransactionTable.REPLY_WITHIN_MAX_NANOS),
            means(LIMITS.transactions().replyWithinNanos()),
            AT_ONCE,
            "The longest wait for a REP. A long estimate takes hours. A request is kept "
                    + Durations.format(Settings.Transactions.MARGIN_NS) + " longer.");
    static final SettingsKey<Integer> TRANSACTIONS_CAPACITY =
            capacity("transactions.capacity", LIMITS.transactions().capacity());
    static final SettingsKey<Integer> TRANSACTIONS_PER_REQUESTER =
            perRequester("transactions.per-requester", LIMITS.transactions().perRequester());

    static final SettingsKey<?> FLOWS = section("flows", "defaults", "The table of connections.");
    static final SettingsKey<Integer> FLOWS_CAPACITY =
            capacity("flows.capacity", LIMITS.flows().capacity());
    static final SettingsKey<Long> FLOWS_IDLE = key(
            "flows.idle",
            Kinds.duration(60 * SECOND_NS, 30 * DAY_NS),
            means(LIMITS.flows().idleNanos()),
            RESTART,
            "A connection that has no packet for this long is forgotten.");
    static final SettingsKey<Boolean> FLOWS_ADOPT = key(
            "flows.adopt",
            Kinds.flag(),
            means(false),
            AT_ONCE,
            "Accept TCP of an unknown connection as a stream if it could be one, for instance after a crash.");

    static final SettingsKey<Verdict> REFUSED_REPLY = key(
            "refused-reply",
            Kinds.choice(FINAL, Verdict::label),
            means(Verdict.ACCEPT),
            AT_ONCE,
            "What happens to a REP that fails a check: it passes and opens nothing, or it is dropped.");

    static final SettingsKey<WatchRules> WATCH_RULES = key(
            "watch-rules",
            Kinds.choice(WatchRules.values(), WatchRules::label),
            means(WatchRules.REPORT),
            AT_ONCE,
            "report: look every 20 s whether the firewall's rules that lead to the queues are all there and first, and"
                    + " report it. restore: also put them back as rules --apply loaded them. off: do not look.");

    static final SettingsKey<?> MARKS =
            section("marks", "none", "Packet marks by stream, for rules and traffic control.");
    /** The mark of each stream that can have one. */
    static final Map<StreamName, SettingsKey<Long>> MARK_OF = marks();

    static final SettingsKey<Long> MARKS_MASK = declared(SettingsKey.setting(
                    "marks.mask",
                    Kinds.mark()
                            .but(
                                    "at least one bit",
                                    mask -> mask == 0 ? "a mask of 0 has no bit, so no mark can be set" : null),
                    means(0xffff_ffffL),
                    AT_ONCE,
                    "The bits of the mark that the program sets. It keeps all others.")
            .in("marks"));

    static final SettingsKey<?> LOG = section("log", "defaults", "The log for people, on stderr.");
    static final SettingsKey<LogLevel> LOG_LEVEL = key(
            "log.level",
            Kinds.choice(LogLevel.values(), LogLevel::label),
            means(LogLevel.INFO),
            AT_ONCE,
            "How much it says.");
    static final SettingsKey<LogFormat> LOG_FORMAT = key(
            "log.format",
            Kinds.choice(LogFormat.values(), LogFormat::label),
            means(LogFormat.AUTO),
            RESTART,
            "auto: journal if stderr is the journal, else text.");

    static final SettingsKey<?> EVENTS = section("events", "defaults", "The log for machines.");
    static final SettingsKey<Optional<Path>> EVENTS_FILE = only(
            "events.file",
            Kinds.pathOrOff(PATH_MAX),
            Path.of("/var/log/amverdict/events.json"),
            "The file that gets the events, one JSON object per line.");

    static final SettingsKey<?> METRICS =
            section("metrics", "defaults", "Metrics, health and the status page over HTTP.");
    static final SettingsKey<Optional<ListenAddress>> METRICS_LISTEN = only(
            "metrics.listen",
            Kinds.listenOrOff(),
            new ListenAddress("127.0.0.1", 9897),
            "The address at which the program serves them.");

    static final SettingsKey<?> CONTROL =
            section("control", "defaults", "The socket of status, top, sessions, why, reload and other commands.");
    static final SettingsKey<Optional<Path>> CONTROL_SOCKET = only(
            "control.socket",
            Kinds.pathOrOff(SOCKET_PATH_MAX),
            Path.of("/run/amverdict/control.sock"),
            "Its path, at most " + SOCKET_PATH_MAX + " bytes.");
    static final SettingsKey<Optional<String>> CONTROL_GROUP = declared(SettingsKey.setting(
                    "control.group",
                    Kinds.groupOrOff(),
                    means(Optional.<String>empty(), "off"),
                    RESTART,
                    "The group whose members may use it without being root. The package makes amverdict-control for this.")
            .in("control"));

    static final SettingsKey<?> STATE = section("state", "defaults", "What survives a restart.");
    static final SettingsKey<Optional<Path>> STATE_FILE = only(
            "state.file",
            Kinds.pathOrOff(PATH_MAX),
            Path.of("/var/lib/amverdict/state"),
            "Where the program saves its tables when it stops, and reads them when it starts.");

    /** Every key, in the order of the file and of the manual page; those of a section or an entry follow its own. */
    public static final List<SettingsKey<?>> ALL = List.copyOf(DECLARED);

    private SettingsKeys() {}

    private static <T> SettingsKey<T> declared(final SettingsKey<T> key) {
        DECLARED.add(key);
        return key;
    }

    private static <T> SettingsKey<T> key(
            final String path, final Kind<T> kind, final Absent<T> absent, final Effect effect, final String text) {
        return declared(SettingsKey.setting(path, kind, absent, effect, text));
    }

    private static <E> SettingsKey<List<E>> list(
            final String name,
            final Entries<E> entries,
            final Absent<List<E>> absent,
            final Effect effect,
            final String text) {
        final SettingsKey<List<E>> key = key(name, entries, absent, effect, text);
        DECLARED.addAll(entries.keys());
        return key;
    }

    private static SettingsKey<?> section(final String name, final String absent, final String text) {
        return declared(SettingsKey.part(name, new SectionKind(), Absent.depends(absent), text));
    }

    /** The one key of a section: a reload reports the section. */
    private static <T> SettingsKey<Optional<T>> only(
            final String path, final Kind<Optional<T>> kind, final T absent, final String text) {
        final SettingsKey<Optional<T>> key = SettingsKey.setting(path, kind, means(Optional.of(absent)), RESTART, text);
        return declared(key.in(key.section()));
    }

    private static SettingsKey<Integer> capacity(final String path, final int absent) {
        return key(path, Kinds.number(CAPACITY_MIN, CAPACITY_MAX), means(absent), RESTART, "The most entries.");
    }

    private static SettingsKey<Integer> perRequester(final String path, final int absent) {
        return key(path, Kinds.number(1, CAPACITY_MAX), means(absent), RESTART, "The most entries of one requester.");
    }

    private static Map<StreamName, SettingsKey<Long>> marks() {
        final Map<StreamName, SettingsKey<Long>> marks = new EnumMap<>(StreamName.class);
        for (final StreamName stream : List.of(
                StreamName.DATA,
                StreamName.MESG,
                StreamName.INDEX,
                StreamName.STATE,
                StreamName.CTL,
                StreamName.CMD,
                StreamName.CONTROL)) {
            final String what = stream == StreamName.CONTROL
                    ? "the control connection of bsdtcp and of legacy recovery"
                    : stream.name();
            final SettingsKey<Long> key = SettingsKey.setting(
                    "marks." + stream.name().toLowerCase(Locale.ROOT),
                    Kinds.mark(),
                    means(Marks.NONE, "no mark"),
                    AT_ONCE,
                    "Mark of " + what + ".");
            marks.put(stream, declared(key.in("marks")));
        }
        return Collections.unmodifiableMap(marks);
    }

    /** The keys that may occur in a section, or in an entry of a list. */
    static List<String> namesIn(final String section) {
        return ALL.stream()
                .filter(key -> key.section().equals(section))
                .map(SettingsKey::name)
                .toList();
    }
}
