package org.amverdict.config;

import java.nio.file.Path;
import java.util.List;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.Verdict;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.PublishedHosts;
import org.amverdict.policy.StaticRange;
import org.jspecify.annotations.Nullable;

/**
 * The configuration, valid and complete: what the file says, and the defaults for what it leaves out. Immutable, usable
 * from every thread. Made by {@link SettingsLoader}; the components are the keys of amverdict.yaml.
 *
 * @param mode whether verdicts are enforced
 * @param queues at least one, their numbers disjoint
 * @param queueLength packets that the kernel holds per queue, 1 to {@link #QUEUE_LENGTH_MAX}
 * @param overload what the kernel does with a packet when a queue is full
 * @param controlPorts UDP and TCP ports of amandad
 * @param requesterPorts UDP ports that a REQ may come from
 * @param allow in the order of precedence
 * @param statics TCP ranges that need no announcement
 * @param published responders behind destination NAT, with the bits of the packet mark that name them
 * @param matchInterfaces whether an exchange and its streams must keep to the interfaces they began on
 * @param expectations limits of the table of announced streams
 * @param transactions limits of the table of requests
 * @param flows limits of the table of connections
 * @param refusedReply what happens to a REP that fails a check
 * @param marks packet marks by stream
 * @param log the human log
 * @param events the JSON event log
 * @param metrics the HTTP listener
 * @param control the control socket
 * @param state where the tables are kept while the program is not running
 */
public record Settings(
        Mode mode,
        List<QueueRange> queues,
        int queueLength,
        Verdict overload,
        PortSet controlPorts,
        PortSet requesterPorts,
        List<Allowance> allow,
        List<StaticRange> statics,
        PublishedHosts published,
        boolean matchInterfaces,
        Expectations expectations,
        Transactions transactions,
        Flows flows,
        Verdict refusedReply,
        Marks marks,
        Log log,
        Events events,
        Metrics metrics,
        Control control,
        State state) {
    /** Most packets that the kernel may hold for one queue. */
    public static final int QUEUE_LENGTH_MAX = 1 << 20;
    /** Most entries of each table. */
    public static final int CAPACITY_MAX = 1 << 22;
    /** Most queues; each has a thread. */
    public static final int QUEUES_MAX = 256;
    /** Most control ports: what one multiport match of iptables takes. */
    public static final int CONTROL_PORTS_MAX = 15;

    public Settings {
        queues = List.copyOf(queues);
        allow = List.copyOf(allow);
        statics = List.copyOf(statics);
    }

    /** What the engine does with its decision. */
    public enum Mode {
        /** Decide and report, tell the kernel ACCEPT. */
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

    /** What the thread of a queue does while there are no packets. */
    public enum Wait {
        /** It sleeps until the kernel wakes it. */
        BLOCK("block"),
        /** It asks again and again: some tens of microseconds sooner, for a whole CPU. */
        SPIN("spin");

        private final String label;

        Wait(final String label) {
            this.label = label;
        }

        /** Name in configuration and reports. */
        public String label() {
            return label;
        }
    }

    /** Form of the human log. */
    public enum LogFormat {
        /** Journal when stderr is the journal, else text. */
        AUTO("auto"),
        TEXT("text"),
        JOURNAL("journal"),
        JSON("json");

        private final String label;

        LogFormat(final String label) {
            this.label = label;
        }

        /** Name in configuration. */
        public String label() {
            return label;
        }
    }

    /** How much the human log says. */
    public enum LogLevel {
        ERROR("error", System.Logger.Level.ERROR),
        WARNING("warning", System.Logger.Level.WARNING),
        INFO("info", System.Logger.Level.INFO),
        DEBUG("debug", System.Logger.Level.DEBUG);

        private final String label;
        private final System.Logger.Level level;

        LogLevel(final String label, final System.Logger.Level level) {
            this.label = label;
            this.level = level;
        }

        /** Name in configuration. */
        public String label() {
            return label;
        }

        /** The platform's level. */
        public System.Logger.Level level() {
            return level;
        }
    }

    /**
     * The table of announced streams.
     *
     * @param lifetimeNs from the REP to the last moment its streams may connect
     * @param perReply most streams of one REP
     * @param capacity most entries
     * @param perRequester most entries of one requester
     */
    public record Expectations(long lifetimeNs, int perReply, int capacity, int perRequester) {}

    /**
     * The table of requests.
     *
     * @param replyWithinNs longest wait for a REP
     * @param capacity most entries
     * @param perRequester most entries of one requester
     */
    public record Transactions(long replyWithinNs, int capacity, int perRequester) {
        /**
         * How long a request is kept beyond the longest wait: amandad gives up a service after six hours by its own clock,
         * which began later, and then says so in a NAK.
         */
        private static final long MARGIN_NS = Durations.seconds(300);

        /** How long a request is kept. */
        public long keptNs() {
            return replyWithinNs + MARGIN_NS;
        }
    }

    /**
     * The table of connections.
     *
     * @param capacity most entries
     * @param idleNs an established flow without a packet for so long is forgotten
     * @param adopt whether TCP of an unknown connection that could be a stream is taken for one
     */
    public record Flows(int capacity, long idleNs, boolean adopt) {}

    /**
     * Marks by stream, each 0 to 2^32-1 or {@link #NONE}; only the bits of the mask are changed.
     *
     * @param mask the bits of the packet mark that are the program's
     */
    public record Marks(long data, long mesg, long index, long state, long ctl, long cmd, long control, long mask) {
        /** No mark is set. The number of {@code VerdictBatch.NO_MARK}. */
        public static final long NONE = -1;
        /** No stream is marked. */
        public static final Marks OFF = new Marks(NONE, NONE, NONE, NONE, NONE, NONE, NONE, 0xffff_ffffL);

        /** The mark of a stream, or {@link #NONE}. */
        public long of(final StreamName stream) {
            return switch (stream) {
                case DATA -> data;
                case MESG -> mesg;
                case INDEX -> index;
                case STATE -> state;
                case CTL -> ctl;
                case CMD -> cmd;
                case CONTROL -> control;
                default -> NONE;
            };
        }

        /** Is any stream marked? */
        public boolean any() {
            return !equals(new Marks(NONE, NONE, NONE, NONE, NONE, NONE, NONE, mask));
        }
    }

    /** The human log. */
    public record Log(LogLevel level, LogFormat format) {}

    /**
     * The JSON event log.
     *
     * @param file where events go, one JSON object a line; null when off
     */
    public record Events(@Nullable Path file) {}

    /**
     * The HTTP listener.
     *
     * @param listen where metrics are served; null when off
     */
    public record Metrics(@Nullable ListenAddress listen) {}

    /**
     * The control socket.
     *
     * @param socket path of the UNIX socket; null when off
     */
    public record Control(@Nullable Path socket) {}

    /**
     * What outlives a restart.
     *
     * @param file where the tables are saved at stop and taken up from at start; null when off
     */
    public record State(@Nullable Path file) {}

    /** The settings of a file that says nothing: nothing is allowed. */
    public static Settings defaults() {
        return new Settings(
                Mode.ENFORCE,
                List.of(
                        new QueueRange(10, 10, Copy.PACKET, QueueRange.ANY_CPU, Wait.BLOCK, true),
                        new QueueRange(11, 14, Copy.HEADERS, QueueRange.ANY_CPU, Wait.BLOCK, true)),
                4096,
                Verdict.DROP,
                Policy.DEFAULT_CONTROL_PORTS,
                Policy.DEFAULT_REQUESTER_PORTS,
                List.of(),
                List.of(),
                PublishedHosts.NONE,
                true,
                new Expectations(Durations.seconds(180), 5, 65_536, 1024),
                new Transactions(Durations.seconds(6 * 3600), 65_536, 4096),
                new Flows(65_536, Durations.seconds(5 * 86_400), false),
                Verdict.ACCEPT,
                Marks.OFF,
                new Log(LogLevel.INFO, LogFormat.AUTO),
                new Events(Path.of("/var/log/amverdict/events.json")),
                new Metrics(new ListenAddress("127.0.0.1", 9897)),
                new Control(Path.of("/run/amverdict/control.sock")),
                new State(Path.of("/var/lib/amverdict/state")));
    }

    /**
     * These settings with what the command line says.
     *
     * @param queue the only queues, each with whole packets, or null
     * @param otherMode the mode, or null
     */
    public Settings withOverrides(final @Nullable QueueRange queue, final @Nullable Mode otherMode) {
        return new Settings(
                otherMode == null ? mode : otherMode,
                queue == null ? queues : List.of(queue),
                queueLength,
                overload,
                controlPorts,
                requesterPorts,
                allow,
                statics,
                published,
                matchInterfaces,
                expectations,
                transactions,
                flows,
                refusedReply,
                marks,
                log,
                events,
                metrics,
                control,
                state);
    }

    /** The policy of these settings; made anew by each call. */
    public Policy policy() {
        return Policy.of(allow, statics, controlPorts, requesterPorts);
    }

    /** What is valid but probably not meant. */
    public List<SettingsWarning> warnings() {
        return SettingsWarnings.of(this);
    }

    /** As a configuration file, with every key; it loads again to equal settings. */
    public String toYaml() {
        return SettingsWriter.write(this);
    }
}
