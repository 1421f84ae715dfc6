package org.amverdict.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.amverdict.harness.ControlExchange.Script;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.Family;
import org.jspecify.annotations.Nullable;

/**
 * The control exchanges that the kernel's helper and amverdict are compared on. The required outcome of each follows
 * from amanda-protocol.md, whose sections and examples (E) the comments name; A-numbers are attacks of threats.md. No
 * two exchanges use the same TCP port, so that no exchange meets the leftovers of another in the helper.
 */
public final class ControlExchanges {
    /** Where the requesters' ports begin. */
    public static final int REQUESTER_PORT_MIN = 512;

    private static final String OPTIONS = "OPTIONS features=" + AmandaMessages.FEATURES + ";\n";
    /** Without bits 117 and 118: Amanda 3.3 and older. */
    private static final String OLD_OPTIONS = "OPTIONS features=ffffffff9ffeffffffff00;\n";

    private final List<ControlExchange> list = new ArrayList<>();

    private ControlExchanges() {}

    /** What Amanda does: every datagram must arrive, and what it announces must open. */
    public static List<ControlExchange> legitimate() {
        final ControlExchanges exchanges = new ControlExchanges();
        exchanges.dumps();
        exchanges.dumpsOverIpv6();
        exchanges.recoveries();
        exchanges.exchangesWithoutStreams();
        exchanges.retransmissions();
        exchanges.severalAtOnce();
        exchanges.noise();
        return exchanges.list;
    }

    /** What must open nothing, or nothing more. */
    public static List<ControlExchange> illegitimate() {
        final ControlExchanges exchanges = new ControlExchanges();
        exchanges.otherConnections();
        exchanges.otherMessages();
        exchanges.textsOfPeople();
        exchanges.refusals();
        exchanges.badLines();
        exchanges.badNumbers();
        exchanges.foreignReplies();
        exchanges.requestsThatMayNotOpen();
        exchanges.lateReplies();
        return exchanges.list;
    }

    private void dump(final String title, final @Nullable HelperFlaw flaw, final Script script) {
        list.add(new ControlExchange(title, true, Family.IPV4, flaw, script));
    }

    private void dumpOverIpv6(final String title, final @Nullable HelperFlaw flaw, final Script script) {
        list.add(new ControlExchange(title + ", IPv6", true, Family.IPV6, flaw, script));
    }

    private void recovery(final String title, final @Nullable HelperFlaw flaw, final Script script) {
        list.add(new ControlExchange(title, false, Family.IPV4, flaw, script));
    }

    private void recoveryOverIpv6(final String title, final @Nullable HelperFlaw flaw, final Script script) {
        list.add(new ControlExchange(title + ", IPv6", false, Family.IPV6, flaw, script));
    }

    private static byte[] message(final String type, final Transaction of, final String body) {
        return bytes("Amanda 3.5 " + type + " HANDLE " + of.handle() + " SEQ " + of.seq() + "\n" + body);
    }

    private static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A sendbackup with index and its answer. */
    private static void backup(final Trial trial, final String streams) throws IOException {
        trial.exchange(AmandaMessages.sendbackup(trial.of(), true), AmandaMessages.connectReply(trial.of(), streams));
    }

    private static void backupWithoutIndex(final Trial trial, final String streams) throws IOException {
        trial.exchange(AmandaMessages.sendbackup(trial.of(), false), AmandaMessages.connectReply(trial.of(), streams));
    }

    /** From a version without STATE. */
    private static byte[] oldSendbackup(final Transaction of) {
        return AmandaMessages.request(
                of, "amanda", "sendbackup", OLD_OPTIONS + "GNUTAR /home  0 1970:1:1:0:0:0 OPTIONS |;bsd-auth;index;\n");
    }

    private static void recover(final Trial trial, final String service, final String streams) throws IOException {
        trial.exchange(AmandaMessages.recovery(trial.of(), service), AmandaMessages.recoveryReply(trial.of(), streams));
    }

    /** Asks for a backup and gets the request acknowledged. */
    private static void askForBackup(final Trial trial) throws IOException {
        ask(trial, AmandaMessages.sendbackup(trial.of(), true));
    }

    private static void ask(final Trial trial, final byte[] request) throws IOException {
        trial.asks(request);
        trial.answers(AmandaMessages.ack(trial.of()));
    }

    private void dumps() {
        // E5
        dump("sendbackup of 3.5: `DATA 12011 MESG 12012 INDEX 12013 STATE 12014`", null, t -> {
            backup(t, "DATA 12011 MESG 12012 INDEX 12013 STATE 12014");
            t.opens(12011, 12012, 12013, 12014);
        });
        // E7
        dump("sendbackup of 3.3: `DATA 12021 MESG 12022 INDEX 12023`", null, t -> {
            t.exchange(
                    oldSendbackup(t.of()),
                    AmandaMessages.reply(t.of(), "CONNECT DATA 12021 MESG 12022 INDEX 12023\n" + OLD_OPTIONS));
            t.opens(12021, 12022, 12023);
        });
        // E8, E9: the handle holds a pointer
        dump("sendbackup of 2.4, its own form of HANDLE: `DATA 1059 MESG 1060 INDEX 1061`", null, t -> {
            final String rest = " HANDLE 000-40E20608 SEQ 1084999402\n";
            t.asks(bytes("Amanda 2.4 REQ" + rest + "SECURITY USER amanda\nSERVICE sendbackup\n"
                    + "OPTIONS features=fffffeff9f00;hostname=client;\n"
                    + "GNUTAR /home  0 1970:1:1:0:0:0 OPTIONS |;bsd-auth;compress-fast;index;\n"));
            t.answers(bytes("Amanda 2.4 ACK" + rest));
            t.answers(bytes("Amanda 2.4 REP" + rest
                    + "CONNECT DATA 1059 MESG 1060 INDEX 1061\nOPTIONS features=fffffeff9f00;hostname=client;\n"));
            t.opens(1059, 1060, 1061);
        });
        // 6: requester and responder may differ in version
        dump("sendbackup asked by 2.4, answered by 3.5: `DATA 12031 MESG 12032 INDEX 12033`", null, t -> {
            t.asks(bytes("Amanda 2.4 REQ HANDLE 001-10A3F055 SEQ 1084999403\nSECURITY USER amanda\n"
                    + "SERVICE sendbackup\n" + OLD_OPTIONS + "GNUTAR /home  0 1970:1:1:0:0:0 OPTIONS |;index;\n"));
            t.answers(bytes("Amanda 3.5 REP HANDLE 001-10A3F055 SEQ 1084999403\n"
                    + "CONNECT DATA 12031 MESG 12032 INDEX 12033\n" + OPTIONS));
            t.opens(12031, 12032, 12033);
        });
        // 2.2
        dump("sendbackup of 2.3: `DATA 12041 MESG 12042`", null, t -> {
            t.exchange(
                    oldSendbackup(t.of()),
                    AmandaMessages.reply(t.of(), "CONNECT DATA 12041 MESG 12042\nOPTIONS hostname=client;\n"));
            t.opens(12041, 12042);
        });
        // E6
        dump(
                "sendbackup without index: `DATA 12051 MESG 12052 INDEX -1 STATE 12054`",
                HelperFlaw.STOPS_AT_ABSENT,
                t -> {
                    backupWithoutIndex(t, "DATA 12051 MESG 12052 INDEX -1 STATE 12054");
                    t.opens(12051, 12052, 12054);
                });
        dump("sendbackup of 3.3 without index: `DATA 12061 MESG 12062 INDEX -1`", null, t -> {
            backupWithoutIndex(t, "DATA 12061 MESG 12062 INDEX -1");
            t.opens(12061, 12062);
        });
        // 1.6: any stream that could not be opened is -1
        dump("sendbackup, MESG absent: `DATA 12071 MESG -1 INDEX 12073 STATE 12074`", HelperFlaw.STOPS_AT_ABSENT, t -> {
            backup(t, "DATA 12071 MESG -1 INDEX 12073 STATE 12074");
            t.opens(12071, 12073, 12074);
        });
        dump("sendbackup, DATA absent: `DATA -1 MESG 12082 INDEX 12083`", HelperFlaw.STOPS_AT_ABSENT, t -> {
            backup(t, "DATA -1 MESG 12082 INDEX 12083");
            t.opens(12082, 12083);
        });
        // 2.2, 4.0-alpha
        dump(
                "sendbackup of 4.0-alpha: `DATA 12091 MESG 12092 INDEX 12093 STATE 12094 CMD 12095`",
                HelperFlaw.KNOWS_FOUR_STREAMS,
                t -> {
                    backup(t, "DATA 12091 MESG 12092 INDEX 12093 STATE 12094 CMD 12095");
                    t.opens(12091, 12092, 12093, 12094, 12095);
                });
        dump(
                "sendbackup of 4.0-alpha without STATE: `DATA 12101 MESG 12102 INDEX 12103 CMD 12104`",
                HelperFlaw.KNOWS_FOUR_STREAMS,
                t -> {
                    backup(t, "DATA 12101 MESG 12102 INDEX 12103 CMD 12104");
                    t.opens(12101, 12102, 12103, 12104);
                });
        // 2.1
        dump("sendbackup, first and last port: `DATA 1024 MESG 65535 INDEX 12113`", null, t -> {
            backup(t, "DATA 1024 MESG 65535 INDEX 12113");
            t.opens(1024, 65535, 12113);
        });
        // 6: a real server accepts it
        dump("sendbackup, OPTIONS before CONNECT: `DATA 12121 MESG 12122 INDEX 12123`", null, t -> {
            t.exchange(
                    AmandaMessages.sendbackup(t.of(), true),
                    AmandaMessages.reply(t.of(), OPTIONS + "CONNECT DATA 12121 MESG 12122 INDEX 12123\n"));
            t.opens(12121, 12122, 12123);
        });
        // E10
        dump(
                "sendbackup, auth bsdudp: `DATA 12131 MESG 499999 INDEX 499998 STATE 499997`",
                HelperFlaw.READS_FIVE_DIGITS,
                t -> {
                    backup(t, "DATA 12131 MESG 499999 INDEX 499998 STATE 499997");
                    t.opens(12131);
                    t.keepsClosed(49999);
                });
        // 2.2
        dump("sendindex of 2.3: `DATA 12141`", null, t -> {
            t.exchange(
                    AmandaMessages.request(t.of(), "amanda", "sendindex", "OPTIONS hostname=client;\n"),
                    AmandaMessages.reply(t.of(), "CONNECT DATA 12141\nOPTIONS hostname=client;\n"));
            t.opens(12141);
        });
        // E23
        dump("restore: `CTL 12151 DATA 12152 MESG 12153 STATE 12154`", HelperFlaw.KNOWS_FOUR_STREAMS, t -> {
            t.exchange(
                    AmandaMessages.request(t.of(), "amandabackup", "restore", OPTIONS),
                    AmandaMessages.connectReply(t.of(), "CTL 12151 DATA 12152 MESG 12153 STATE 12154"));
            t.opens(12151, 12152, 12153, 12154);
        });
        dump("restore without STATE: `CTL 12161 DATA 12162 MESG 12163`", HelperFlaw.KNOWS_FOUR_STREAMS, t -> {
            t.exchange(
                    AmandaMessages.request(t.of(), "amandabackup", "restore", OLD_OPTIONS),
                    AmandaMessages.connectReply(t.of(), "CTL 12161 DATA 12162 MESG 12163"));
            t.opens(12161, 12162, 12163);
        });
        // 9.3
        dump("sendbackup, a request with many excludes, in fragments: `DATA 12171 MESG 12172 INDEX 12173`", null, t -> {
            t.exchange(
                    AmandaMessages.request(
                            t.of(),
                            "amandabackup",
                            "sendbackup",
                            OPTIONS + "<dle>\n  <program>GNUTAR</program>\n  <disk>/home</disk>\n"
                                    + "  <index>YES</index>\n  <exclude>\n"
                                    + "    <file>./cache/of/some/program</file>\n".repeat(100)
                                    + "  </exclude>\n</dle>\n"),
                    AmandaMessages.connectReply(t.of(), "DATA 12171 MESG 12172 INDEX 12173"));
            t.opens(12171, 12172, 12173);
        });
        dump("sendbackup, a reply in fragments: `DATA 12181 MESG 12182 INDEX 12183 STATE 12184`", null, t -> {
            t.exchange(
                    AmandaMessages.sendbackup(t.of(), true),
                    AmandaMessages.reply(
                            t.of(),
                            "CONNECT DATA 12181 MESG 12182 INDEX 12183 STATE 12184\nOPTIONS features="
                                    + AmandaMessages.FEATURES + ";" + "comment=none;".repeat(200) + "\n"));
            t.opens(12181, 12182, 12183, 12184);
        });
        // 1.1
        dump("sendbackup, requester on port 1023: `DATA 12191 MESG 12192 INDEX 12193`", null, t -> {
            t.requester(1023);
            backup(t, "DATA 12191 MESG 12192 INDEX 12193");
            t.opens(12191, 12192, 12193);
        });
    }

    private void dumpsOverIpv6() {
        dumpOverIpv6("sendbackup of 3.5: `DATA 12211 MESG 12212 INDEX 12213 STATE 12214`", null, t -> {
            backup(t, "DATA 12211 MESG 12212 INDEX 12213 STATE 12214");
            t.opens(12211, 12212, 12213, 12214);
            t.keepsClosed(12215);
        });
        dumpOverIpv6(
                "sendbackup without index: `DATA 12221 MESG 12222 INDEX -1 STATE 12224`",
                HelperFlaw.STOPS_AT_ABSENT,
                t -> {
                    backupWithoutIndex(t, "DATA 12221 MESG 12222 INDEX -1 STATE 12224");
                    t.opens(12221, 12222, 12224);
                });
        dumpOverIpv6(
                "sendbackup, auth bsdudp: `DATA 12231 MESG 489999 INDEX 489998 STATE 489997`",
                HelperFlaw.READS_FIVE_DIGITS,
                t -> {
                    backup(t, "DATA 12231 MESG 489999 INDEX 489998 STATE 489997");
                    t.opens(12231);
                    t.keepsClosed(48999);
                });
        dumpOverIpv6("sendbackup, a reply in fragments: `DATA 12241 MESG 12242 INDEX 12243`", null, t -> {
            t.exchange(
                    AmandaMessages.sendbackup(t.of(), true),
                    AmandaMessages.reply(
                            t.of(),
                            "CONNECT DATA 12241 MESG 12242 INDEX 12243\nOPTIONS features=" + AmandaMessages.FEATURES
                                    + ";" + "comment=none;".repeat(200) + "\n"));
            t.opens(12241, 12242, 12243);
        });
        recoveryOverIpv6("amindexd: `MESG 12251`", null, t -> {
            recover(t, "amindexd", "MESG 12251");
            t.opens(12251);
        });
        recoveryOverIpv6("amidxtaped: `CTL 12261 DATA 12262 STATE 12263`", HelperFlaw.KNOWS_FOUR_STREAMS, t -> {
            recover(t, "amidxtaped", "CTL 12261 DATA 12262 STATE 12263");
            t.opens(12261, 12262, 12263);
        });
    }

    private void recoveries() {
        // E18, E19
        recovery("amindexd: `MESG 12311`", null, t -> {
            recover(t, "amindexd", "MESG 12311");
            t.opens(12311);
        });
        // E20, E21
        recovery("amidxtaped: `CTL 12321 DATA 12322 STATE 12323`", HelperFlaw.KNOWS_FOUR_STREAMS, t -> {
            recover(t, "amidxtaped", "CTL 12321 DATA 12322 STATE 12323");
            t.opens(12321, 12322, 12323);
        });
        // E22
        recovery("amidxtaped of 3.3: `CTL 12331 DATA 12332`", HelperFlaw.KNOWS_FOUR_STREAMS, t -> {
            recover(t, "amidxtaped", "CTL 12331 DATA 12332");
            t.opens(12331, 12332);
        });
        recovery("amidxtaped, auth bsdudp: `CTL 12341 DATA 479999 STATE 479998`", HelperFlaw.KNOWS_FOUR_STREAMS, t -> {
            recover(t, "amidxtaped", "CTL 12341 DATA 479999 STATE 479998");
            t.opens(12341);
        });
        // E24
        recovery("amdumpd: `CTL 12351`", HelperFlaw.KNOWS_FOUR_STREAMS, t -> {
            t.exchange(
                    AmandaMessages.request(t.of(), "amandabackup", "amdumpd", OPTIONS),
                    AmandaMessages.recoveryReply(t.of(), "CTL 12351"));
            t.opens(12351);
        });
        // E25, larger than a packet
        recovery("ambackupd, XML after it, in fragments: `DATA 12361 MESG 12362 INDEX 12363 STATE 12364`", null, t -> {
            t.exchange(
                    AmandaMessages.request(t.of(), "amandabackup", "ambackupd", OPTIONS + "BACKUP\n"),
                    AmandaMessages.reply(
                            t.of(),
                            "CONNECT DATA 12361 MESG 12362 INDEX 12363 STATE 12364\nG" + OPTIONS
                                    + "<dle>\n  <program>APPLICATION</program>\n  <disk>/home</disk>\n"
                                    + "  <property><name>a</name><value>b</value></property>\n".repeat(30)
                                    + "</dle>"));
            t.opens(12361, 12362, 12363, 12364);
        });
        recovery(
                "ambackupd, `CONNECT DATA 12374 MESG 12375 ` in the XML after `DATA 12371 MESG 12372 INDEX 12373`",
                null,
                t -> {
                    t.exchange(
                            AmandaMessages.request(t.of(), "amandabackup", "ambackupd", OPTIONS + "BACKUP\n"),
                            AmandaMessages.reply(
                                    t.of(),
                                    "CONNECT DATA 12371 MESG 12372 INDEX 12373\nG" + OPTIONS
                                            + "<dle>\n  <disk>/CONNECT DATA 12374 MESG 12375 </disk>\n</dle>"));
                    t.opens(12371, 12372, 12373);
                    t.keepsClosed(12374, 12375);
                });
    }

    private void exchangesWithoutStreams() {
        // E1, E2
        dump("noop", null, t -> t.exchange(AmandaMessages.noop(t.of()), AmandaMessages.noopReply(t.of())));
        // E17: seven fragments
        dump(
                "selfcheck, a reply of 10 kB in fragments",
                null,
                t -> t.exchange(AmandaMessages.selfcheck(t.of()), AmandaMessages.selfcheckReply(t.of(), 10_000)));
        // E14, E15
        dump("sendsize with partial answers (PREP)", null, t -> {
            ask(t, sendsize(t.of()));
            t.answers(message("PREP", t.of(), OPTIONS + "/home 0 SIZE 220480\n"));
            t.answers(message("PREP", t.of(), OPTIONS + "/home 0 SIZE 220480\n/var 0 SIZE 10240\n"));
            t.answers(AmandaMessages.reply(t.of(), OPTIONS + "/home 0 SIZE 220480\n/var 0 SIZE 10240\n"));
            t.asks(AmandaMessages.ack(t.of()));
        });
        // 1.7
        dump("sendsize, an estimate longer than 300 s", HelperFlaw.FORGETS_AFTER_TIMEOUT, t -> {
            ask(t, sendsize(t.of()));
            t.forgets();
            t.answers(AmandaMessages.reply(t.of(), OPTIONS + "/home 0 SIZE 220480\n"));
        });
        // E13
        dump("sendbackup refused with a NAK", null, t -> {
            ask(t, AmandaMessages.sendbackup(t.of(), true));
            t.answers(AmandaMessages.nak(t.of(), "user amandabackup from server.example.com is not allowed\n"));
        });
        // E11
        dump("sendbackup refused with an ERROR line", null, t -> {
            askForBackup(t);
            t.answers(AmandaMessages.reply(t.of(), "ERROR [client configured for auth=bsd]\n"));
            t.asks(AmandaMessages.ack(t.of()));
        });
    }

    private static byte[] sendsize(final Transaction of) {
        return AmandaMessages.request(
                of, "amandabackup", "sendsize", OPTIONS + "<dle>\n  <disk>/home</disk>\n</dle>\n");
    }

    private void retransmissions() {
        // 1.7
        dump("sendbackup, the request sent twice: `DATA 12411 MESG 12412 INDEX 12413`", null, t -> {
            askForBackup(t);
            backup(t, "DATA 12411 MESG 12412 INDEX 12413");
            t.opens(12411, 12412, 12413);
        });
        dump("sendbackup, the ACK of the request lost: `DATA 12421 MESG 12422 INDEX 12423`", null, t -> {
            t.asks(AmandaMessages.sendbackup(t.of(), true));
            t.answers(AmandaMessages.connectReply(t.of(), "DATA 12421 MESG 12422 INDEX 12423"));
            t.opens(12421, 12422, 12423);
        });
        dump("sendbackup, the reply sent twice: `DATA 12431 MESG 12432 INDEX 12433`", null, t -> {
            askForBackup(t);
            t.answers(AmandaMessages.connectReply(t.of(), "DATA 12431 MESG 12432 INDEX 12433"));
            t.answers(AmandaMessages.connectReply(t.of(), "DATA 12431 MESG 12432 INDEX 12433"));
            t.asks(AmandaMessages.ack(t.of()));
            t.opens(12431, 12432, 12433);
        });
        // 1.7: a second, different REP, as long as the first was not acknowledged
        dump(
                "sendbackup, the responder restarted: `DATA 12441 MESG 12442 INDEX 12443`, then"
                        + " `DATA 12444 MESG 12445 INDEX 12446`",
                HelperFlaw.KEEPS_REVOKED,
                t -> {
                    askForBackup(t);
                    t.answers(AmandaMessages.connectReply(t.of(), "DATA 12441 MESG 12442 INDEX 12443"));
                    t.asks(AmandaMessages.sendbackup(t.of(), true));
                    t.answers(AmandaMessages.connectReply(t.of(), "DATA 12444 MESG 12445 INDEX 12446"));
                    t.asks(AmandaMessages.ack(t.of()));
                    t.keepsClosed(12441, 12442, 12443);
                    t.opens(12444, 12445, 12446);
                });
        // 2.3: reuse
        dump("sendbackup twice, the same ports each time: `DATA 12451 MESG 12452 INDEX 12453`", null, t -> {
            backup(t, "DATA 12451 MESG 12452 INDEX 12453");
            t.opens(12451, 12452, 12453);
            t.otherTransaction();
            backup(t, "DATA 12451 MESG 12452 INDEX 12453");
            t.opens(12451, 12452, 12453);
        });
    }

    private void severalAtOnce() {
        // 1.1: several transactions share one pair of sockets
        dump(
                "two sendbackups of one requester, interleaved: `DATA 12511 MESG 12512 INDEX 12513 STATE 12514`,"
                        + " `DATA 12515 MESG 12516 INDEX 12517 STATE 12518`",
                HelperFlaw.KEEPS_FOUR_PER_SOCKET,
                t -> {
                    final Transaction first = t.of();
                    askForBackup(t);
                    t.otherTransaction();
                    askForBackup(t);
                    t.answers(AmandaMessages.connectReply(first, "DATA 12511 MESG 12512 INDEX 12513 STATE 12514"));
                    t.answers(AmandaMessages.connectReply(t.of(), "DATA 12515 MESG 12516 INDEX 12517 STATE 12518"));
                    t.asks(AmandaMessages.ack(first));
                    t.asks(AmandaMessages.ack(t.of()));
                    t.opens(12511, 12512, 12513, 12514, 12515, 12516, 12517, 12518);
                });
        dump(
                "two sendbackups of two requesters: `DATA 12521 MESG 12522 INDEX 12523`,"
                        + " `DATA 12524 MESG 12525 INDEX 12526`",
                null,
                t -> {
                    backup(t, "DATA 12521 MESG 12522 INDEX 12523");
                    t.otherRequester();
                    backup(t, "DATA 12524 MESG 12525 INDEX 12526");
                    t.opens(12521, 12522, 12523, 12524, 12525, 12526);
                });
        dump(
                "two sendbackups of two requesters, auth bsdudp: `DATA 12531 MESG 469999 INDEX 469998`,"
                        + " `DATA 12532 MESG 469999 INDEX 469998`",
                HelperFlaw.DROPS_CLASHING_REPLY,
                t -> {
                    backup(t, "DATA 12531 MESG 469999 INDEX 469998");
                    t.otherRequester();
                    backup(t, "DATA 12532 MESG 469999 INDEX 469998");
                    t.opens(12531, 12532);
                });
        dump(
                "sendbackup given up, then again by another requester: `DATA 12541 MESG 12542 INDEX 12543` both times",
                HelperFlaw.DROPS_CLASHING_REPLY,
                t -> {
                    backup(t, "DATA 12541 MESG 12542 INDEX 12543");
                    t.otherRequester();
                    backup(t, "DATA 12541 MESG 12542 INDEX 12543");
                    t.opens(12541, 12542, 12543);
                });
    }

    private void noise() {
        // A9
        dump(
                "sendbackup while the client has thousands of streams announced to it: `DATA 12611 MESG 12612 INDEX 12613`",
                HelperFlaw.SHARES_ONE_TABLE,
                t -> {
                    t.floods();
                    backup(t, "DATA 12611 MESG 12612 INDEX 12613");
                    t.opens(12611, 12612, 12613);
                    t.forgets();
                });
    }

    private void otherConnections() {
        dump("a port that was never announced, next to `DATA 15011 MESG 15013 INDEX 15015`", null, t -> {
            backup(t, "DATA 15011 MESG 15013 INDEX 15015");
            t.keepsClosed(15010, 15012, 15014, 15016);
            t.opens(15011, 15013, 15015);
        });
        // A11
        dump("a second connection to each port of `DATA 15021 MESG 15022 INDEX 15023`", null, t -> {
            backup(t, "DATA 15021 MESG 15022 INDEX 15023");
            t.opens(15021, 15022, 15023);
            t.keepsClosed(15021, 15022, 15023);
        });
        dump("a third host connects to `DATA 15031 MESG 15032 INDEX 15033`", null, t -> {
            backup(t, "DATA 15031 MESG 15032 INDEX 15033");
            t.keepsClosedTo(t.stranger(), 15031);
            t.keepsClosedTo(t.stranger(), 15032);
            t.opens(15031, 15032, 15033);
        });
        // A2
        dump("the responder connects to the requester's `DATA 15041 MESG 15042 INDEX 15043`", null, t -> {
            backup(t, "DATA 15041 MESG 15042 INDEX 15043");
            t.keepsClosedTo(t.answering(), 15041);
            t.keepsClosedTo(t.answering(), 15042);
            t.opens(15041, 15042, 15043);
        });
        // A14; 2.3
        dump(
                "the connection to `DATA 15051 MESG 15052 INDEX 15053` comes from port 20",
                HelperFlaw.TAKES_ANY_SOURCE,
                t -> {
                    backup(t, "DATA 15051 MESG 15052 INDEX 15053");
                    t.keepsClosedFrom(20, 15051);
                    t.opens(15051, 15052, 15053);
                });
    }

    private void otherMessages() {
        // E33, A1
        dump("a NAK repeats the user's name `x CONNECT DATA 79 MESG 110 INDEX 143`", HelperFlaw.READS_ANY_TYPE, t -> {
            ask(t, AmandaMessages.noop(t.of()));
            t.answers(AmandaMessages.reflectingNak(t.of(), "CONNECT DATA 79 MESG 110 INDEX 143"));
            t.keepsClosed(79, 110, 143);
        });
        dumpOverIpv6(
                "a NAK repeats the user's name `x CONNECT DATA 80 MESG 111 INDEX 993`",
                HelperFlaw.READS_ANY_TYPE,
                t -> {
                    ask(t, AmandaMessages.noop(t.of()));
                    t.answers(AmandaMessages.reflectingNak(t.of(), "CONNECT DATA 80 MESG 111 INDEX 993"));
                    t.keepsClosed(80, 111, 993);
                });
        // E39
        dump("PREP with `CONNECT DATA 15111 MESG 15112 INDEX 15113`", HelperFlaw.READS_ANY_TYPE, t -> {
            ask(t, sendsize(t.of()));
            t.claims(message("PREP", t.of(), "CONNECT DATA 15111 MESG 15112 INDEX 15113\n"));
            t.keepsClosed(15111, 15112, 15113);
        });
        dump("ACK with `CONNECT DATA 15121 MESG 15122 INDEX 15123`", HelperFlaw.READS_ANY_TYPE, t -> {
            t.asks(AmandaMessages.sendbackup(t.of(), true));
            t.claims(message("ACK", t.of(), "CONNECT DATA 15121 MESG 15122 INDEX 15123\n" + OPTIONS));
            t.keepsClosed(15121, 15122, 15123);
        });
        dump("REQ from the responder with `CONNECT DATA 15131 MESG 15132`", HelperFlaw.READS_ANY_TYPE, t -> {
            askForBackup(t);
            t.claims(message("REQ", t.of(), "CONNECT DATA 15131 MESG 15132\n"));
            t.keepsClosed(15131, 15132);
        });
        dump("no header at all: `CONNECT DATA 3306 MESG 15142`", HelperFlaw.READS_ANY_TYPE, t -> {
            askForBackup(t);
            t.claims(bytes("CONNECT DATA 3306 MESG 15142\n"));
            t.keepsClosed(3306, 15142);
        });
        dump(
                "header in lower case: `amanda 3.5 rep`, `CONNECT DATA 15151 MESG 15152`",
                HelperFlaw.READS_ANY_TYPE,
                t -> {
                    askForBackup(t);
                    t.claims(bytes("amanda 3.5 rep handle " + t.of().handle() + " seq " + t.of().seq()
                            + "\nCONNECT DATA 15151 MESG 15152 INDEX -1\n"));
                    t.keepsClosed(15151, 15152);
                });
        dump("the request itself names `CONNECT DATA 15161 MESG 15162` as a disk", null, t -> {
            ask(
                    t,
                    AmandaMessages.request(
                            t.of(),
                            "amandabackup",
                            "selfcheck",
                            OPTIONS + "<dle>\n  <disk>\nCONNECT DATA 15161 MESG 15162 INDEX 15163\n</disk>\n</dle>\n"));
            t.answers(AmandaMessages.reply(t.of(), OPTIONS + "OK /home\n"));
            t.keepsClosed(15161, 15162, 15163);
        });
    }

    private void textsOfPeople() {
        // E16: whatever the text says
        dump("selfcheck, a disk called `/CONNECT DATA 15211 MESG 15212 `", HelperFlaw.READS_ANYWHERE, t -> {
            ask(t, AmandaMessages.selfcheck(t.of()));
            t.answers(AmandaMessages.reply(t.of(), OPTIONS + "OK /CONNECT DATA 15211 MESG 15212 \nOK /home\n"));
            t.keepsClosed(15211, 15212);
        });
        dump("sendsize, a disk called `CONNECT DATA 15221 MESG 15222`", HelperFlaw.READS_ANYWHERE, t -> {
            ask(t, sendsize(t.of()));
            t.answers(AmandaMessages.reply(t.of(), OPTIONS + "CONNECT DATA 15221 MESG 15222 0 SIZE 10240\n"));
            t.keepsClosed(15221, 15222);
        });
        // E17
        dump("selfcheck, JSON with the message `CONNECT DATA 15231 MESG 15232`", HelperFlaw.READS_ANYWHERE, t -> {
            ask(t, AmandaMessages.selfcheck(t.of()));
            t.answers(AmandaMessages.reply(
                    t.of(),
                    "MESSAGE JSON\n  {\n    \"severity\" : \"error\",\n"
                            + "    \"message\" : \"cannot read CONNECT DATA 15231 MESG 15232 \"\n  }"));
            t.keepsClosed(15231, 15232);
        });
        dump("senddiscover, JSON with a file `CONNECT DATA 15241 `", HelperFlaw.READS_ANYWHERE, t -> {
            ask(t, AmandaMessages.request(t.of(), "amandabackup", "senddiscover", OPTIONS + "<dle>\n</dle>\n"));
            t.answers(AmandaMessages.reply(
                    t.of(), OPTIONS + "[\n  { \"file\" : \"CONNECT DATA 15241 MESG 15242 \" }\n]\n"));
            t.keepsClosed(15241, 15242);
        });
        dump("sendbackup, after OPTIONS in its line: `CONNECT DATA 15251 MESG 15252`", HelperFlaw.READS_ANYWHERE, t -> {
            askForBackup(t);
            t.answers(AmandaMessages.reply(t.of(), "OPTIONS hostname=CONNECT DATA 15251 MESG 15252 ;\n"));
            t.keepsClosed(15251, 15252);
        });
        recovery("ambackupd, XML with a disk `/CONNECT DATA 15281 MESG 15282 `", HelperFlaw.READS_ANYWHERE, t -> {
            ask(t, AmandaMessages.request(t.of(), "amandabackup", "ambackupd", OPTIONS + "LISTDLE\n"));
            t.answers(AmandaMessages.reply(
                    t.of(), "G" + OPTIONS + "<dle>\n  <disk>/CONNECT DATA 15281 MESG 15282 </disk>\n</dle>"));
            t.keepsClosed(15281, 15282);
        });
        // A16
        dump("sendsize, `CONNECT DATA 15261 MESG 15262` after 30 kB of estimates", HelperFlaw.READS_ANYWHERE, t -> {
            ask(t, sendsize(t.of()));
            t.answers(AmandaMessages.reply(
                    t.of(),
                    OPTIONS + "/home/some/user 0 SIZE 220480\n".repeat(1_000)
                            + "CONNECT DATA 15261 MESG 15262 INDEX -1\n"));
            t.keepsClosed(15261, 15262);
        });
        // 1.6: amandad takes this line away, so it never comes before CONNECT
        dump("KENCRYPT before `CONNECT DATA 15271 MESG 15272 INDEX 15273`", HelperFlaw.READS_ANYWHERE, t -> {
            askForBackup(t);
            t.claims(AmandaMessages.reply(t.of(), "KENCRYPT\nCONNECT DATA 15271 MESG 15272 INDEX 15273\n" + OPTIONS));
            t.keepsClosed(15271, 15272, 15273);
        });
    }

    private void refusals() {
        // E12
        dump(
                "`CONNECT DATA 15311 MESG 15312 INDEX -1 STATE 15313`, then an ERROR line: sendbackup died",
                HelperFlaw.READS_PAST_ERROR,
                t -> {
                    askForBackup(t);
                    t.answers(AmandaMessages.reply(
                            t.of(),
                            "CONNECT DATA 15311 MESG 15312 INDEX -1 STATE 15313\n" + OPTIONS
                                    + "ERROR service sendbackup failed: pid 20035 exited with code 1\n"));
                    t.asks(AmandaMessages.ack(t.of()));
                    t.keepsClosed(15311, 15312, 15313);
                });
        // E34
        dump(
                "an ERROR line repeats a line feed and `CONNECT DATA 119 MESG 123 INDEX 161` of the request",
                HelperFlaw.READS_PAST_ERROR,
                t -> {
                    askForBackup(t);
                    t.answers(AmandaMessages.reply(t.of(), """
                                    ERROR [client configured for auth=bsd while server requested 'x
                                    CONNECT DATA 119 MESG 123 INDEX 161
                                    OPTIONS ;
                                    ']
                                    """));
                    t.keepsClosed(119, 123, 161);
                });
        // E35
        dump(
                "an ERROR line before untranslated `CONNECT DATA 150 MESG 151 INDEX 152 STATE 153`",
                HelperFlaw.READS_PAST_ERROR,
                t -> {
                    askForBackup(t);
                    t.answers(AmandaMessages.reply(
                            t.of(),
                            "ERROR service sendbackup: warning: something on stderr\n"
                                    + "CONNECT DATA 150 MESG 151 INDEX 152 STATE 153\n" + OPTIONS));
                    t.keepsClosed(150, 151, 152, 153);
                });
        // 1.5: RETRY means no connect
        dump("a RETRY line before `CONNECT DATA 15321 MESG 15322 INDEX 15323`", HelperFlaw.READS_PAST_ERROR, t -> {
            askForBackup(t);
            t.answers(AmandaMessages.reply(
                    t.of(),
                    "RETRY delay 60 level 0 message busy\nCONNECT DATA 15321 MESG 15322 INDEX 15323\n" + OPTIONS));
            t.keepsClosed(15321, 15322, 15323);
        });
    }

    /** A REP whose body opens nothing, to a request for a backup. */
    private void badReply(final String title, final @Nullable HelperFlaw flaw, final String body, final int... closed) {
        dump(title, flaw, t -> {
            askForBackup(t);
            t.claims(AmandaMessages.reply(t.of(), body));
            t.keepsClosed(closed);
        });
    }

    private void badLine(final HelperFlaw flaw, final String line, final int... closed) {
        badReply("`" + line + "`", flaw, line + "\n" + OPTIONS, closed);
    }

    private void badLines() {
        // E41
        badLine(HelperFlaw.READS_LOOSELY, "CONNECT MESG 15411 DATA 15412 EVIL 15413", 15411, 15412, 15413);
        // A5
        badLine(HelperFlaw.READS_LOOSELY, "CONNECT METADATA 15421 XMESG 15422 INDEX 15423", 15421, 15422, 15423);
        badLine(HelperFlaw.READS_LOOSELY, "CONNECT  DATA 15431  MESG 15432  INDEX 15433", 15431, 15432, 15433);
        badLine(HelperFlaw.READS_LOOSELY, "CONNECT DATA 15441 DATA 15442", 15441, 15442);
        badLine(HelperFlaw.READS_LOOSELY, "CONNECT DATA 15451 MESG 15452 INDEX", 15451, 15452);
        badLine(HelperFlaw.READS_LOOSELY, "CONNECT DATA 15461 MESG 15461 INDEX 15461", 15461);
        badLine(HelperFlaw.READS_LOOSELY, "RECONNECT DATA 15471 MESG 15472 INDEX 15473", 15471, 15472, 15473);
        badLine(HelperFlaw.READS_LOOSELY, " CONNECT DATA 15481 MESG 15482 INDEX 15483", 15481, 15482, 15483);
        badReply("`CONNECT\\tDATA 15491`: a tab", null, "CONNECT\tDATA 15491\tMESG 15492\n" + OPTIONS, 15491, 15492);
        badReply(
                "`CONNECT DATA 15501 MESG 15502 INDEX 15503\\r\\n`",
                HelperFlaw.READS_LOOSELY,
                "CONNECT DATA 15501 MESG 15502 INDEX 15503\r\n" + OPTIONS,
                15501,
                15502,
                15503);
        // 2.1: a dumper takes a line split in two, but no responder sends it
        badReply(
                "`CONNECT DATA 15511 MESG`, and its number in the next line",
                HelperFlaw.READS_LOOSELY,
                "CONNECT DATA 15511 MESG\n15512 INDEX 15513\n" + OPTIONS,
                15511,
                15512,
                15513);
        // E37
        badReply(
                "two CONNECT lines: `DATA 15521 MESG 15522 INDEX 15523`, `DATA 15524 MESG 15525 INDEX 15526`",
                HelperFlaw.READS_LOOSELY,
                "CONNECT DATA 15521 MESG 15522 INDEX 15523\nCONNECT DATA 15524 MESG 15525 INDEX 15526\n" + OPTIONS,
                15521,
                15522,
                15523,
                15524,
                15525,
                15526);
        // E38
        badReply(
                "`CONNECT DATA 15531 MESG 15532 INDEX 15533` after a NUL",
                HelperFlaw.READS_ANYWHERE,
                "OPTIONS ;\n\0\nCONNECT DATA 15531 MESG 15532 INDEX 15533\n",
                15531,
                15532,
                15533);
        // E42
        badReply("`CONNECT DATA 15541 MESG 1554`, cut off", null, "CONNECT DATA 15541 MESG 1554", 15541, 1554);
        badReply(
                "an empty CONNECT line, then `CONNECT DATA 15551 MESG 15552`",
                null,
                "CONNECT \nCONNECT DATA 15551 MESG 15552\n" + OPTIONS,
                15551,
                15552);
        badReply(
                "`connect data 15561 mesg 15562`",
                null,
                "connect data 15561 mesg 15562 index 15563\n" + OPTIONS,
                15561,
                15562,
                15563);
    }

    private void badNumbers() {
        // E36, A3
        badLine(
                HelperFlaw.WRAPS_NUMBERS,
                "CONNECT DATA 65558 MESG 15611 INDEX 15612 STATE 15613",
                22,
                15611,
                15612,
                15613);
        badLine(HelperFlaw.WRAPS_NUMBERS, "CONNECT DATA 86557 MESG 15621 INDEX 15622", 21021, 15621, 15622);
        // E40
        badLine(HelperFlaw.OPENS_ANY_PORT, "CONNECT DATA 25 MESG 26 INDEX 27", 25, 26, 27);
        badLine(HelperFlaw.OPENS_ANY_PORT, "CONNECT DATA 1023 MESG 15631 INDEX 15632", 1023, 15631, 15632);
        badLine(HelperFlaw.OPENS_ANY_PORT, "CONNECT DATA 10082 MESG 10083 INDEX 15643", 10082, 10083, 15643);
        badLine(HelperFlaw.READS_LOOSELY, "CONNECT DATA 015651 MESG 15652 INDEX 15653", 1565, 15651, 15652, 15653);
        badLine(HelperFlaw.READS_LOOSELY, "CONNECT DATA 15661x MESG 15662 INDEX 15663", 15661, 15662, 15663);
        badReply("`CONNECT DATA +15671 MESG 15672`", null, "CONNECT DATA +15671 MESG 15672 INDEX -1\n", 15671, 15672);
        badReply("`CONNECT DATA 0 MESG 15682`", null, "CONNECT DATA 0 MESG 15682 INDEX -1\n" + OPTIONS, 15682);
        // A4: pure handles are for bsdtcp
        badLine(HelperFlaw.READS_FIVE_DIGITS, "CONNECT DATA 459999 MESG 459998 INDEX 459997", 45999);
        badLine(HelperFlaw.READS_FIVE_DIGITS, "CONNECT DATA 15691 MESG 156922 INDEX 156933", 15691, 15692, 15693);
    }

    private void foreignReplies() {
        // A6
        dump("a reply with another SEQ: `DATA 15711 MESG 15712`", HelperFlaw.KNOWS_NO_TRANSACTION, t -> {
            askForBackup(t);
            final Transaction other = new Transaction(t.of().handle(), t.of().seq() + 1);
            t.claims(AmandaMessages.connectReply(other, "DATA 15711 MESG 15712 INDEX -1"));
            t.keepsClosed(15711, 15712);
        });
        dump("a reply with another HANDLE: `DATA 15721 MESG 15722`", HelperFlaw.KNOWS_NO_TRANSACTION, t -> {
            askForBackup(t);
            final Transaction other = new Transaction("000-00abcdef", t.of().seq());
            t.claims(AmandaMessages.connectReply(other, "DATA 15721 MESG 15722 INDEX -1"));
            t.keepsClosed(15721, 15722);
        });
        dump("a reply without a request: `DATA 15731 MESG 15732`", null, t -> {
            t.claims(AmandaMessages.connectReply(t.of(), "DATA 15731 MESG 15732 INDEX -1"));
            t.keepsClosed(15731, 15732);
        });
        dump("a reply to another port than asked: `DATA 15741 MESG 15742`", null, t -> {
            askForBackup(t);
            final Transaction of = t.of();
            t.otherRequester();
            t.claims(AmandaMessages.connectReply(of, "DATA 15741 MESG 15742 INDEX -1"));
            t.keepsClosed(15741, 15742);
        });
        dump("a reply from another port than 10080: `DATA 15751 MESG 15752`", null, t -> {
            askForBackup(t);
            t.claimsFrom(10_081, AmandaMessages.connectReply(t.of(), "DATA 15751 MESG 15752 INDEX -1"));
            t.keepsClosed(15751, 15752);
        });
        dump(
                "a third host answers in the responder's name and guesses SEQ: `DATA 15761 MESG 15762`",
                HelperFlaw.KNOWS_NO_TRANSACTION,
                t -> {
                    askForBackup(t);
                    final Transaction guess = new Transaction(t.of().handle(), t.of().seq() + 1);
                    t.forges(AmandaMessages.connectReply(guess, "DATA 15761 MESG 15762 INDEX -1"));
                    t.keepsClosed(15761, 15762);
                });
        dump(
                "a third host answers in the responder's name and knows all: `DATA 15771 MESG 15772`",
                HelperFlaw.TAKES_ANY_SOURCE,
                t -> {
                    askForBackup(t);
                    t.forges(AmandaMessages.connectReply(t.of(), "DATA 15771 MESG 15772 INDEX -1"));
                    t.keepsClosed(15771, 15772);
                });
    }

    private void requestsThatMayNotOpen() {
        // E43
        dump("noop answered with `CONNECT DATA 15811 MESG 15812 INDEX 15813`", HelperFlaw.KNOWS_NO_REQUEST, t -> {
            ask(t, AmandaMessages.noop(t.of()));
            t.claims(AmandaMessages.connectReply(t.of(), "DATA 15811 MESG 15812 INDEX 15813"));
            t.keepsClosed(15811, 15812, 15813);
        });
        dump("selfcheck answered with `CONNECT DATA 15821 MESG 15822 INDEX 15823`", HelperFlaw.KNOWS_NO_REQUEST, t -> {
            ask(t, AmandaMessages.selfcheck(t.of()));
            t.claims(AmandaMessages.connectReply(t.of(), "DATA 15821 MESG 15822 INDEX 15823"));
            t.keepsClosed(15821, 15822, 15823);
        });
        recovery("amindexd answered with a dump's `DATA 15831 MESG 15832`", HelperFlaw.KNOWS_NO_REQUEST, t -> {
            ask(t, AmandaMessages.recovery(t.of(), "amindexd"));
            t.claims(AmandaMessages.recoveryReply(t.of(), "DATA 15831 MESG 15832"));
            t.keepsClosed(15831, 15832);
        });
        // 9.2, 6
        dump(
                "STATE for a requester that does not know it: `DATA 15841 MESG 15842 INDEX 15843 STATE 15844`",
                HelperFlaw.KNOWS_NO_REQUEST,
                t -> {
                    ask(t, oldSendbackup(t.of()));
                    t.claims(AmandaMessages.connectReply(t.of(), "DATA 15841 MESG 15842 INDEX 15843 STATE 15844"));
                    t.keepsClosed(15841, 15842, 15843, 15844);
                });
        dump(
                "INDEX though the request wanted none: `DATA 15851 MESG 15852 INDEX 15853`",
                HelperFlaw.KNOWS_NO_REQUEST,
                t -> {
                    ask(t, AmandaMessages.sendbackup(t.of(), false));
                    t.claims(AmandaMessages.connectReply(t.of(), "DATA 15851 MESG 15852 INDEX 15853"));
                    t.keepsClosed(15851, 15852, 15853);
                });
        // 1.1
        dump("a request from port 4000: `DATA 15861 MESG 15862 INDEX 15863`", HelperFlaw.KNOWS_NO_REQUEST, t -> {
            t.requester(4_000);
            t.tries(AmandaMessages.sendbackup(t.of(), true));
            t.claims(AmandaMessages.connectReply(t.of(), "DATA 15861 MESG 15862 INDEX 15863"));
            t.keepsClosed(15861, 15862, 15863);
        });
        // A8
        dump("a service that these hosts may not ask for: amindexd, `MESG 15871`", HelperFlaw.KNOWS_NO_REQUEST, t -> {
            t.tries(AmandaMessages.recovery(t.of(), "amindexd"));
            t.claims(AmandaMessages.recoveryReply(t.of(), "MESG 15871"));
            t.keepsClosed(15871);
        });
        dump("no service line in the request: `DATA 15881 MESG 15882`", HelperFlaw.KNOWS_NO_REQUEST, t -> {
            t.tries(message("REQ", t.of(), "SECURITY USER amandabackup\n" + OPTIONS));
            t.claims(AmandaMessages.connectReply(t.of(), "DATA 15881 MESG 15882 INDEX -1"));
            t.keepsClosed(15881, 15882);
        });
    }

    private void lateReplies() {
        dump(
                "the reply comes again when its ports are connected: `DATA 15911 MESG 15912 INDEX 15913`",
                HelperFlaw.OPENS_AGAIN,
                t -> {
                    askForBackup(t);
                    t.answers(AmandaMessages.connectReply(t.of(), "DATA 15911 MESG 15912 INDEX 15913"));
                    t.opens(15911, 15912, 15913);
                    t.answers(AmandaMessages.connectReply(t.of(), "DATA 15911 MESG 15912 INDEX 15913"));
                    t.keepsClosed(15911, 15912, 15913);
                });
        dump(
                "the reply comes again after its ACK, its ports connected: `DATA 15921 MESG 15922 INDEX 15923`",
                HelperFlaw.OPENS_AGAIN,
                t -> {
                    backup(t, "DATA 15921 MESG 15922 INDEX 15923");
                    t.opens(15921, 15922, 15923);
                    t.claims(AmandaMessages.connectReply(t.of(), "DATA 15921 MESG 15922 INDEX 15923"));
                    t.keepsClosed(15921, 15922, 15923);
                });
        // 9.2, 11
        dump(
                "another reply when DATA of `DATA 15951 MESG 15952 INDEX 15953` is connected: `DATA 15954 MESG 15955 INDEX 15956`",
                HelperFlaw.OPENS_AGAIN,
                t -> {
                    askForBackup(t);
                    t.answers(AmandaMessages.connectReply(t.of(), "DATA 15951 MESG 15952 INDEX 15953"));
                    t.opens(15951);
                    t.claims(AmandaMessages.connectReply(t.of(), "DATA 15954 MESG 15955 INDEX 15956"));
                    t.keepsClosed(15954, 15955, 15956);
                });
        // 9.2, 13
        dump(
                "another reply after the ACK of `DATA 15931 MESG 15932 INDEX 15933`: `DATA 15934 MESG 15935 INDEX 15936`",
                HelperFlaw.OPENS_AGAIN,
                t -> {
                    backup(t, "DATA 15931 MESG 15932 INDEX 15933");
                    t.opens(15931, 15932, 15933);
                    t.claims(AmandaMessages.connectReply(t.of(), "DATA 15934 MESG 15935 INDEX 15936"));
                    t.keepsClosed(15934, 15935, 15936);
                });
        dump("a NAK after `DATA 15941 MESG 15942 INDEX 15943`", HelperFlaw.KEEPS_REVOKED, t -> {
            askForBackup(t);
            t.answers(AmandaMessages.connectReply(t.of(), "DATA 15941 MESG 15942 INDEX 15943"));
            t.answers(AmandaMessages.nak(t.of(), "timeout on reply pipe\n"));
            t.keepsClosed(15941, 15942, 15943);
        });
    }
}
