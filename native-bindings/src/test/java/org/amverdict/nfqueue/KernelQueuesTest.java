package org.amverdict.nfqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class KernelQueuesTest {
    @Test
    void shouldReadLinesAsTheKernelWritesThem() {
        final KernelQueues queues = KernelQueues.parse("""
                    0   4711     3 2  1500     7     8        9  1
                65535 4294967295 16384 1     0 4294967295     0 4294967295  1
                """);

        assertEquals(2, queues.queues().size());
        assertEquals(
                new KernelQueues.KernelQueue(0, 4711, 3, 2, 1500, 7, 8, 9),
                queues.queue(0).orElseThrow());
        assertEquals(4_294_967_295L, queues.queue(65_535).orElseThrow().portId());
        assertTrue(queues.queue(1).isEmpty());
    }

    @Test
    void shouldLeaveOutLinesItCannotRead() {
        final String text = "\n x\n1 2 3 4 5 6 7\n65536 1 1 1 1 1 1 1 1\n-1 1 1 1 1 1 1 1 1\n1 2 3 4 5 6 7 y 1\n";
        assertTrue(KernelQueues.parse(text).queues().isEmpty());
        assertTrue(KernelQueues.parse("").queues().isEmpty());
    }

    @Test
    void shouldSayThatTheFileIsMissing() {
        assertThrows(NoSuchFileException.class, () -> KernelQueues.read(Path.of("/proc/self/net/netfilter/absent")));
    }
}
