package org.amverdict.amanda;

import java.util.Locale;
import org.amverdict.Draw;

/** Control datagrams as Amanda 3.5 writes them, no two alike. */
final class Messages {
    /**
     * Different messages per benchmark: more than a branch predictor remembers, but they fit in a second-level cache.
     */
    static final int COUNT = 1024;

    private static final String[] DISKS = {"/", "/home", "/var/lib/postgresql", "/srv/projects/2026", "sda1"};
    private static final String FEATURES = "OPTIONS features=ffffffff9efefbfffffffffffffff3fffbf71f;";

    private Messages() {}

    static String header(final String type, final int number) {
        final long mixed = Draw.mixed(number);
        return String.format(
                Locale.ROOT,
                "Amanda %s %s HANDLE %03d-%08X SEQ %d\n",
                mixed % 3 == 0 ? "2.5" : "3.5",
                type,
                number % 1000,
                (int) mixed,
                (mixed >>> 33) % 2_000_000_000);
    }

    /** A sendbackup of one disk. */
    static String request(final int number) {
        final String disk = DISKS[Math.floorMod(Draw.mixed(number), DISKS.length)];
        return header("REQ", number) + "SECURITY USER amandabackup\nSERVICE sendbackup\n" + FEATURES + "\n<dle>\n"
                + "  <program>GNUTAR</program>\n  <disk>" + disk + "</disk>\n  <level>" + number % 10 + "</level>\n"
                + "  <auth>BSD</auth>\n  <compress>FAST</compress>\n  <record>YES</record>\n"
                + (number % 4 == 0 ? "" : "  <index>YES</index>\n") + "  <datapath>AMANDA</datapath>\n</dle>\n";
    }

    /** Its REP, with two to four streams. */
    static String reply(final int number) {
        final int port = 1024 + Math.floorMod(Draw.mixed(number), 60_000);
        return header("REP", number) + "CONNECT DATA " + port + " MESG " + (port + 1)
                + (number % 4 == 0 ? " INDEX -1" : " INDEX " + (port + 2))
                + (number % 3 == 0 ? " STATE " + (port + 3) : "") + "\n" + FEATURES + "\n";
    }
}
