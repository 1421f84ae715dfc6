package org.amverdict.config;

import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.Verdict;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.PublishedHosts;
import org.amverdict.policy.StaticRange;
import org.jspecify.annotations.Nullable;

/**
 * The configuration, valid and complete: the file's values, and defaults for what it leaves out. Immutable, usable from
 * every thread. Made by {@link SettingsLoader}; it has a value for each key of {@link SettingsKeys}, and gives them
 * meaning for the program here.
 */
public final class Settings {
    /** Most queues; each has a thread. */
    public static final int QUEUES_MAX = 256;
    /** Most control ports: what one multiport match of iptables takes. */
    public static final int CONTROL_PORTS_MAX = 15;

    private final Map<SettingsKey<?>, Object> values;

    private Settings(final Map<SettingsKey<?>, Object> values) {
        this.values = Collections.unmodifiableMap(values);
    }

    /** What the engine does with its decision. */
    public enum Mode {
        /** Decide and report, and leave every packet to the other rules. */
        MONITOR("monitor"),
        /** Tell the kernel what was decided. */
        ENFORCE("enforce");

        private final String label;

        Mode(final String label) {
            this.label = label;
        }

        /** Name in configuration and reports. */
        public String label() {
            return label;
        }
    }

    /** How much of each packet the kernel copies. */
    public enum Copy {
        /** All of it: what control datagrams need. */
        PACKET("packet"),
        /** The headers only: enough for TCP. A control datagram that was cut opens nothing. */
        HEADERS("headers");

        private final String label;

        Copy(final String label) {
            this.label = label;
        }

        /** Name in configuration and reports. */
        public String label() {
            return label;
        }
    }

    /** The settings of an empty file: nothing is allowed. */
    public static Settings defaults() {
        final Map<SettingsKey<?>, Object> defaults = new HashMap<>();
        for (final SettingsKey<?> key : SettingsKeys.ALL) {
            if (key.isSetting()) {
                defaults.put(key, Objects.requireNonNull(key.absentValue(), key.path()));
            }
        }
        return new Settings(defaults);
    }

    /** The value of a key that is a setting. */
    @SuppressWarnings("unchecked") // with() stores nothing else
    <T> T get(final SettingsKey<T> key) {
        return (T) Objects.requireNonNull(values.get(key), key.path());
    }

    /** These settings with another value of a key. */
    <T> Settings with(final SettingsKey<T> key, final T value) {
        final Map<SettingsKey<?>, Object> changed = new HashMap<>(values);
        changed.put(key, value);
        return new Settings(changed);
    }

    /** These settings with one key's value taken from others. */
    <T> Settings with(final SettingsKey<T> key, final Settings others) {
        return with(key, others.get(key));
    }

    /**
     * These settings with the command line applied.
     *
     * @param queue the only queues, each with whole packets, or null
     * @param otherMode the mode, or null
     */
    public Settings withOverrides(final @Nullable QueueRange queue, final @Nullable Mode otherMode) {
        return with(SettingsKeys.MODE, otherMode == null ? mode() : otherMode)
                .with(SettingsKeys.QUEUES, queue == null ? queues() : List.of(queue));
    }

    /** Whether verdicts are enforced. */
    public Mode mode() {
        return get(SettingsKeys.MODE);
    }

    /** What becomes of traffic that is not Amanda's, in enforce mode: CONTINUE or DROP. */
    public Verdict otherTraffic() {
        return get(SettingsKeys.OTHER_TRAFFIC);
    }

    /** The bits of packet and connection marks that leave a packet to the other rules; at least one. */
    public long continueMark() {
        return get(SettingsKeys.CONTINUE_MARK);
    }

    /** At least one, their numbers disjoint. */
    public List<QueueRange> queues() {
        return get(SettingsKeys.QUEUES);
    }

    /** Packets that the kernel holds per queue. */
    public int queueLength() {
        return get(SettingsKeys.QUEUE_LENGTH);
    }

    /** What the kernel does with a packet when a queue is full. */
    public Verdict overload() {
        return get(SettingsKeys.OVERLOAD);
    }

    /** What happens when the firewall's rules are not in place. */
    public WatchRules watchRules() {
        return get(SettingsKeys.WATCH_RULES);
    }

    /** UDP and TCP ports of amandad. */
    public PortSet controlPorts() {
        return get(SettingsKeys.CONTROL_PORTS);
    }

    /** UDP ports that a REQ may come from. */
    public PortSet requesterPorts() {
        return get(SettingsKeys.REQUESTER_PORTS);
    }

    /** In the order of precedence. */
    public List<Allowance> allow() {
        return get(SettingsKeys.ALLOW);
    }

    /** TCP ranges that need no announcement. */
    public List<StaticRange> statics() {
        return get(SettingsKeys.STATIC);
    }

    /** Responders behind destination NAT, with the bits of the packet mark that name them; made by each call. */
    public PublishedHosts published() {
        return PublishedHosts.of(get(SettingsKeys.PUBLISHED), get(SettingsKeys.PUBLISHED_MASK));
    }

    /** Whether an exchange and its streams must keep to the interfaces they began on. */
    public boolean matchInterfaces() {
        return get(SettingsKeys.MATCH_INTERFACES);
    }

    /** What happens to a REP that fails a check. */
    public Verdict refusedReply() {
        return get(SettingsKeys.REFUSED_REPLY);
    }

    /** The table of announced streams. */
    public Expectations expectations() {
        return new Expectations();
    }

    /** The table of requests. */
    public Transactions transactions() {
        return new Transactions();
    }

    /** The table of connections. */
    public Flows flows() {
        return new Flows();
    }

    /** Packet marks by stream. */
    public Marks marks() {
        return new Marks();
    }

    /** The human log. */
    public Log log() {
        return new Log();
    }

    /** The JSON event log. */
    public Events events() {
        return new Events();
    }

    /** The HTTP listener. */
    public Metrics metrics() {
        return new Metrics();
    }

    /** The control socket. */
    public Control control() {
        return new Control();
    }

    /** What outlives a restart. */
    public State state() {
        return new State();
    }

    /** Section {@code expectations}. */
    public final class Expectations {
        private Expectations() {}

        /** From the REP to the last moment its streams may connect. */
        public long lifetimeNs() {
            return get(SettingsKeys.EXPECTATIONS_LIFETIME);
        }

        /** Most streams of one REP. */
        public int perReply() {
            return get(SettingsKeys.EXPECTATIONS_PER_REPLY);
        }

        /** Most entries. */
        public int capacity() {
            return get(SettingsKeys.EXPECTATIONS_CAPACITY);
        }

        /** Most entries of one requester. */
        public int perRequester() {
            return get(SettingsKeys.EXPECTATIONS_PER_REQUESTER);
        }
    }

    /** Section {@code transactions}. */
    public final class Transactions {
        /**
         * How long a request is kept beyond the longest wait: amandad gives up a service after six hours by its own
         * clock, which started later, and then reports it in a NAK.
         */
        static final long MARGIN_NS = 300_000_000_000L;

        private Transactions() {}

        /** Longest wait for a REP. */
        public long replyWithinNs() {
            return get(SettingsKeys.TRANSACTIONS_REPLY_WITHIN);
        }

        /** How long a request is kept. */
        public long keptNs() {
            return replyWithinNs() + MARGIN_NS;
        }

        /** Most entries. */
        public int capacity() {
            return get(SettingsKeys.TRANSACTIONS_CAPACITY);
        }

        /** Most entries of one requester. */
        public int perRequester() {
            return get(SettingsKeys.TRANSACTIONS_PER_REQUESTER);
        }
    }

    /** Section {@code flows}. */
    public final class Flows {
        private Flows() {}

        /** Most entries. */
        public int capacity() {
            return get(SettingsKeys.FLOWS_CAPACITY);
        }

        /** An established flow without a packet for this long is forgotten. */
        public long idleNs() {
            return get(SettingsKeys.FLOWS_IDLE);
        }

        /** Whether TCP of an unknown connection that could be a stream is taken for one. */
        public boolean adopt() {
            return get(SettingsKeys.FLOWS_ADOPT);
        }
    }

    /** Section {@code marks}; each is 0 to 2^32-1 or {@link #NONE}. */
    public final class Marks {
        /** No mark is set. The number of {@code VerdictBatch.NO_MARK}. */
        public static final long NONE = -1;

        private Marks() {}

        /** The mark of a stream, or {@link #NONE}. */
        public long of(final StreamName stream) {
            final SettingsKey<Long> key = SettingsKeys.MARK_OF.get(stream);
            return key == null ? NONE : get(key);
        }

        /** The bits of the packet mark that are the program's; only these are changed. */
        public long mask() {
            return get(SettingsKeys.MARKS_MASK);
        }

        /** Whether any stream is marked. */
        public boolean any() {
            return SettingsKeys.MARK_OF.values().stream().anyMatch(key -> get(key) != NONE);
        }
    }

    /** Section {@code log}. */
    public final class Log {
        private Log() {}

        /** How verbose it is. */
        public LogLevel level() {
            return get(SettingsKeys.LOG_LEVEL);
        }

        /** Its form. */
        public LogFormat format() {
            return get(SettingsKeys.LOG_FORMAT);
        }
    }

    /** Section {@code events}. */
    public final class Events {
        private Events() {}

        /** Where events go, one JSON object per line; null when off. */
        public @Nullable Path file() {
            return get(SettingsKeys.EVENTS_FILE).orElse(null);
        }
    }

    /** Section {@code metrics}. */
    public final class Metrics {
        private Metrics() {}

        /** Where metrics are served; null when off. */
        public @Nullable ListenAddress listen() {
            return get(SettingsKeys.METRICS_LISTEN).orElse(null);
        }
    }

    /** Section {@code control}. */
    public final class Control {
        private Control() {}

        /** Path of the UNIX socket; null when off. */
        public @Nullable Path socket() {
            return get(SettingsKeys.CONTROL_SOCKET).orElse(null);
        }

        /** Name of the group that may use the socket; null if only root and the program's own group may. */
        public @Nullable String group() {
            return get(SettingsKeys.CONTROL_GROUP).orElse(null);
        }
    }

    /** Section {@code state}. */
    public final class State {
        private State() {}

        /** Where the tables are saved at stop and restored from at start; null when off. */
        public @Nullable Path file() {
            return get(SettingsKeys.STATE_FILE).orElse(null);
        }
    }

    /** The policy of these settings; made by each call. */
    public Policy policy() {
        return Policy.of(allow(), statics(), controlPorts(), requesterPorts());
    }

    /** What is valid but probably not meant. */
    public List<SettingsWarning> warnings() {
        return SettingsWarnings.of(this);
    }

    /** As a configuration file, with every key; it loads again to equal settings. */
    public String toYaml() {
        return SettingsWriter.write(this);
    }

    /** Lines of YAML for what differs from other settings, by the name of their top-level key. */
    public Map<String, String> differencesFrom(final Settings others) {
        return SettingsWriter.differences(this, others);
    }

    @Override
    public boolean equals(final @Nullable Object other) {
        return other instanceof Settings settings && values.equals(settings.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return toYaml();
    }
}
