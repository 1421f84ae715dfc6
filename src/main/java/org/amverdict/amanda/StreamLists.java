package org.amverdict.amanda;

/**
 * Which lists of stream names each service may announce, in their fixed order (amanda-protocol.md 2.2). A list is coded
 * as one int, four bits a name, so that it is compared in one step.
 */
public final class StreamLists {
    /** Most streams in one list. */
    public static final int STREAMS_MAX = 5;

    private static final int BITS = 4;
    private static final int[][] LISTS = lists();

    private StreamLists() {}

    private static int[][] lists() {
        final int[][] lists = new int[Service.values().length][0];
        lists[Service.SENDBACKUP.ordinal()] = new int[] {
            // 2.3; 2.4 to 3.3; 3.4 and later; 4.0-alpha, with and without STATE
            code(StreamName.DATA, StreamName.MESG),
            code(StreamName.DATA, StreamName.MESG, StreamName.INDEX),
            code(StreamName.DATA, StreamName.MESG, StreamName.INDEX, StreamName.STATE),
            code(StreamName.DATA, StreamName.MESG, StreamName.INDEX, StreamName.CMD),
            code(StreamName.DATA, StreamName.MESG, StreamName.INDEX, StreamName.STATE, StreamName.CMD)
        };
        lists[Service.AMINDEXD.ordinal()] = new int[] {code(StreamName.MESG)};
        lists[Service.AMIDXTAPED.ordinal()] = new int[] {
            code(StreamName.CTL, StreamName.DATA), code(StreamName.CTL, StreamName.DATA, StreamName.STATE)
        };
        lists[Service.RESTORE.ordinal()] = new int[] {
            code(StreamName.CTL, StreamName.DATA, StreamName.MESG),
            code(StreamName.CTL, StreamName.DATA, StreamName.MESG, StreamName.STATE)
        };
        lists[Service.AMBACKUPD.ordinal()] = new int[] {
            code(StreamName.DATA, StreamName.MESG, StreamName.INDEX),
            code(StreamName.DATA, StreamName.MESG, StreamName.INDEX, StreamName.STATE)
        };
        lists[Service.AMDUMPD.ordinal()] = new int[] {code(StreamName.CTL)};
        lists[Service.SENDINDEX.ordinal()] = new int[] {code(StreamName.DATA)};
        return lists;
    }

    private static int code(final StreamName... names) {
        int code = 0;
        for (final StreamName name : names) {
            code = append(code, name);
        }
        return code;
    }

    /** The code of a list with one more name; the code of the empty list is 0. */
    static int append(final int code, final StreamName name) {
        return code << BITS | name.ordinal() + 1;
    }

    /** Whether the service has streams at all. */
    public static boolean hasStreams(final Service service) {
        return LISTS[service.ordinal()].length != 0;
    }

    static boolean allows(final Service service, final int code) {
        for (final int allowed : LISTS[service.ordinal()]) {
            if (allowed == code) {
                return true;
            }
        }
        return false;
    }
}
