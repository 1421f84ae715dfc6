package org.amverdict.amanda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class StreamListsTest {
    private static int code(final String names) {
        int code = 0;
        for (final String name : names.split(" ", -1)) {
            code = StreamLists.append(code, StreamName.valueOf(name));
        }
        return code;
    }

    /** The table of amanda-protocol.md 2.2, and nothing besides: every list of up to five names is tried. */
    @Test
    void shouldAllowExactlyTheListsOfEachService() {
        final Map<Service, Set<Integer>> allowed = new HashMap<>();
        allow(allowed, Service.SENDBACKUP, "DATA MESG", "DATA MESG INDEX", "DATA MESG INDEX STATE");
        allow(allowed, Service.SENDBACKUP, "DATA MESG INDEX CMD", "DATA MESG INDEX STATE CMD");
        allow(allowed, Service.AMINDEXD, "MESG");
        allow(allowed, Service.AMIDXTAPED, "CTL DATA", "CTL DATA STATE");
        allow(allowed, Service.RESTORE, "CTL DATA MESG", "CTL DATA MESG STATE");
        allow(allowed, Service.AMBACKUPD, "DATA MESG INDEX", "DATA MESG INDEX STATE");
        allow(allowed, Service.AMDUMPD, "CTL");
        allow(allowed, Service.SENDINDEX, "DATA");

        for (final Service service : Service.values()) {
            final Set<Integer> lists = allowed.getOrDefault(service, Set.of());
            assertEquals(!lists.isEmpty(), StreamLists.hasStreams(service), service.label());
            tryLists(service, lists, 0, 0);
        }
    }

    private static void allow(final Map<Service, Set<Integer>> allowed, final Service service, final String... lists) {
        for (final String list : lists) {
            allowed.computeIfAbsent(service, unused -> new HashSet<>()).add(code(list));
        }
    }

    private static void tryLists(final Service service, final Set<Integer> lists, final int code, final int length) {
        assertEquals(lists.contains(code), StreamLists.allows(service, code));
        if (length < StreamLists.STREAMS_MAX) {
            for (final StreamName name : StreamName.values()) {
                tryLists(service, lists, StreamLists.append(code, name), length + 1);
            }
        }
    }

    @Test
    void shouldNotTakeAnEmptyListForOne() {
        assertFalse(StreamLists.allows(Service.SENDBACKUP, 0));
        assertTrue(StreamLists.allows(Service.AMINDEXD, code("MESG")));
    }
}
