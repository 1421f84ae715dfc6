package org.amverdict.config;

import java.util.List;

/**
 * One key of the configuration file: what the binder accepts and amverdict.yaml(5) explains. Immutable.
 *
 * @param section the mapping it is in: "" for the file itself, else the key of the mapping or list
 * @param name the key
 * @param value what its value looks like, for people
 * @param absent what holds if it is left out, for people; "" if it must be there
 * @param text what it does, in whole sentences
 */
public record ConfigurationKey(String section, String name, String value, String absent, String text) {
    private static final String SECONDS = "duration";
    private static final String COUNT = "number";
    private static final String MARK = "number";
    private static final String NO_MARK = "no mark";

    /** Every key, in the order of the page; those of a section follow its own. */
    public static final List<ConfigurationKey> ALL = List.of(
            key(
                    "",
                    "mode",
                    "monitor | enforce",
                    "enforce",
                    "monitor: judge and report, accept everything. enforce: drop what is not allowed."),
            key(
                    "",
                    "queues",
                    "list",
                    "10 with packet, 11-14 with headers",
                    "The NFQUEUE numbers to bind, each with a thread of its own; at most 256. A number may occur once."),
            key("queues", "numbers", "N or N-M", "", "Queue number or range, 0 to 65535."),
            key(
                    "queues",
                    "copy",
                    "packet | headers",
                    "packet",
                    "How much of each packet the kernel copies. Control datagrams, and connections of old recovery, need "
                            + "packet; for other TCP the headers are enough."),
            key(
                    "queues",
                    "cpu",
                    COUNT,
                    "any",
                    "The processor of the first queue's thread; the next queue has the next one."),
            key(
                    "queues",
                    "wait",
                    "block | spin",
                    "block",
                    "What a thread does while there are no packets: sleep, or ask again and again, some tens of microseconds "
                            + "sooner and for a whole processor."),
            key(
                    "queues",
                    "gso",
                    "true | false",
                    "true",
                    "Take packets before segmentation, up to 64 KiB: four to five times the throughput of bulk data. false "
                            + "only with copy: headers."),
            key(
                    "",
                    "queue-length",
                    COUNT,
                    "4096",
                    "Most packets that the kernel may hold for one queue, 1 to 1048576."),
            key(
                    "",
                    "overload",
                    "drop | accept",
                    "drop",
                    "What the kernel does with packets that do not fit into a queue. With accept a flood goes past the "
                            + "program unseen."),
            key(
                    "",
                    "control-ports",
                    "ports",
                    "10080",
                    "UDP (and for bsdtcp TCP) ports on which amandad listens, at most 15."),
            key("", "requester-ports", "ports", "512-1023", "Source ports from which requests may come."),
            key(
                    "",
                    "allow",
                    "list",
                    "nothing",
                    "Who may ask whom for what. The first line that matches wins; what no line "
                            + "allows is dropped."),
            key("allow", "name", "text", "line N", "Its name in reports, at most 64 characters, each once."),
            key(
                    "allow",
                    "requesters",
                    "addresses",
                    "",
                    "Hosts that ask: IPv4 or IPv6 addresses or prefixes. For a backup, the Amanda server."),
            key("allow", "responders", "addresses", "", "Hosts that are asked."),
            key(
                    "allow",
                    "services",
                    "list",
                    "none with legacy-recovery, else required",
                    "Of: noop, selfcheck, sendsize, sendbackup, amindexd, amidxtaped, amdumpd, senddiscover, restore, "
                            + "ambackupd, sendfsinfo, sendindex."),
            key("allow", "stream-ports", "ports", "1024-65535", "Ports that a reply may announce; none below 1024."),
            key(
                    "allow",
                    "legacy-recovery",
                    "true | false",
                    "false",
                    "Also recovery by amrecover before 2.5.1 and amoldrecover (10082/tcp and 10083/tcp); its queue needs "
                            + "copy: packet."),
            key(
                    "",
                    "static",
                    "list",
                    "nothing",
                    "Plain port ranges without tracking: connections from some hosts to others."),
            key("static", "from", "addresses", "", "Hosts that connect."),
            key("static", "to", "addresses", "", "Hosts that are connected to."),
            key("static", "tcp", "ports", "", "Destination ports."),
            key(
                    "",
                    "published",
                    "list",
                    "nothing",
                    "Responders behind destination NAT. The rules that amverdict rules prints translate to them."),
            key("published", "public", "address", "", "The address that requesters ask."),
            key("published", "control-port", "port", "10080", "The control port at that address."),
            key("published", "host", "address", "", "The host behind it."),
            key("", "published-mask", MARK, "0xff0000", "Bits of the packet mark that tell the published hosts apart."),
            key(
                    "",
                    "match-interfaces",
                    "true | false",
                    "true",
                    "Whether an exchange and its streams must keep to the interfaces on which they began."),
            key("", "expectations", "section", "defaults", "The table of announced streams."),
            key(
                    "expectations",
                    "lifetime",
                    SECONDS,
                    "180s",
                    "From the REP to the last moment its streams may connect, 1s to 1h."),
            key("expectations", "per-reply", COUNT, "5", "Most streams of one REP."),
            key("expectations", "capacity", COUNT, "65536", "Most entries, 16 to 4194304."),
            key("expectations", "per-requester", COUNT, "1024", "Most entries of one requester."),
            key("", "transactions", "section", "defaults", "The table of requests."),
            key(
                    "transactions",
                    "reply-within",
                    SECONDS,
                    "6h",
                    "Longest wait for a REP, 1s to 7d; a long estimate takes hours. A request is kept 5m longer."),
            key("transactions", "capacity", COUNT, "65536", "Most entries, 16 to 4194304."),
            key("transactions", "per-requester", COUNT, "4096", "Most entries of one requester."),
            key("", "flows", "section", "defaults", "The table of connections."),
            key("flows", "capacity", COUNT, "65536", "Most entries, 16 to 4194304."),
            key("flows", "idle", SECONDS, "5d", "A connection without a packet for so long is forgotten, 1m to 30d."),
            key(
                    "flows",
                    "adopt",
                    "true | false",
                    "false",
                    "Take TCP of an unknown connection that could be a stream for one, for instance after a crash."),
            key(
                    "",
                    "refused-reply",
                    "accept | drop",
                    "accept",
                    "What happens to a REP that fails a check: pass it on and open nothing, or drop it."),
            key(
                    "",
                    "marks",
                    "section",
                    "none",
                    "Packet marks by stream, 0 to 0xffffffff, for rules and traffic control."),
            key("marks", "data", MARK, NO_MARK, "Mark of DATA."),
            key("marks", "mesg", MARK, NO_MARK, "Mark of MESG."),
            key("marks", "index", MARK, NO_MARK, "Mark of INDEX."),
            key("marks", "state", MARK, NO_MARK, "Mark of STATE."),
            key("marks", "ctl", MARK, NO_MARK, "Mark of CTL."),
            key("marks", "cmd", MARK, NO_MARK, "Mark of CMD."),
            key("marks", "control", MARK, NO_MARK, "Mark of the control connection of bsdtcp and old recovery."),
            key(
                    "marks",
                    "mask",
                    MARK,
                    "0xffffffff",
                    "The bits of the mark that are the program's; all others are kept."),
            key("", "log", "section", "defaults", "The log for people, on stderr."),
            key("log", "level", "error | warning | info | debug", "info", "How much it says."),
            key(
                    "log",
                    "format",
                    "auto | text | journal | json",
                    "auto",
                    "auto: journal if stderr is the journal, else text."),
            key("", "events", "section", "defaults", "The log for machines."),
            key(
                    "events",
                    "file",
                    "path | off",
                    "/var/log/amverdict/events.json",
                    "Where events go, one JSON object a line."),
            key("", "metrics", "section", "defaults", "Metrics, health and the status page over HTTP."),
            key("metrics", "listen", "address:port | off", "127.0.0.1:9897", "Where they are served."),
            key("", "control", "section", "defaults", "The socket of status, top, sessions, why, reload and the like."),
            key("control", "socket", "path | off", "/run/amverdict/control.sock", "Its path, at most 107 bytes."),
            key("", "state", "section", "defaults", "What outlives a restart."),
            key(
                    "state",
                    "file",
                    "path | off",
                    "/var/lib/amverdict/state",
                    "Where the tables are saved at stop and taken up from at start."));

    private static ConfigurationKey key(
            final String section, final String name, final String value, final String absent, final String text) {
        return new ConfigurationKey(section, name, value, absent, text);
    }

    /** The keys that may occur in a section. */
    static String[] namesIn(final String section) {
        return ALL.stream()
                .filter(key -> key.section.equals(section))
                .map(ConfigurationKey::name)
                .toArray(String[]::new);
    }

    /** As in {@code expectations.lifetime}. */
    public String path() {
        return section.isEmpty() ? name : section + "." + name;
    }
}
