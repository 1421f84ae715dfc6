package org.amverdict.nfqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jnr.ffi.LibraryLoader;
import org.amverdict.inputs.BadInput;
import org.amverdict.nfqueue.ffi.Errno;
import org.amverdict.nfqueue.ffi.NativeException;
import org.amverdict.nfqueue.ffi.NativeThread;
import org.amverdict.nfqueue.netlink.NfqueueProtocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Receive and send over netlink sockets of our own, without privilege; QueueSocketIT has the kernel's queue. */
class QueueSocketTest {
    private static final int WAKEUP_SIGNAL = 62; // SIGRTMAX - 2, to which java.nio has an empty handler

    private final int fd = NetlinkPeer.openReceiver();
    private final QueueSocket socket = QueueSocket.ofDescriptor(fd);
    private final NetlinkPeer peer = new NetlinkPeer(fd);
    private final ReceiveBatch batch = new ReceiveBatch(4, 64);

    @AfterEach
    void closeSockets() {
        peer.close();
        socket.close();
    }

    /** Sends a signal to one thread. */
    public interface Signals {
        int tgkill(int processId, int threadId, int signal);
    }

    @Test
    @BadInput(23)
    void shouldHearTheKernelOnly() {
        for (int i = 0; i < 40; i++) {
            peer.send(20);
        }

        socket.hearTheKernelOnly();

        assertEquals(40, socket.foreignDatagrams());
        assertEquals(Errno.ECONNREFUSED, peer.refusal(20));
        assertEquals(0, socket.receive(batch, 0));
        assertEquals(40, socket.foreignDatagrams());
    }

    @Test
    void shouldLayDatagramsOutSlotBySlot() {
        for (int i = 0; i < 6; i++) {
            peer.send(16 + i);
        }

        assertEquals(4, socket.receive(batch, 0));
        for (int i = 0; i < 4; i++) {
            assertEquals(64 * i, batch.offset(i));
            assertEquals(16 + i, batch.length(i));
            assertEquals(16 + i, batch.slab().getIntLE(batch.offset(i)));
            assertFalse(batch.truncated(i));
        }
        assertEquals(2, socket.receive(batch, 0));
        assertEquals(20, batch.length(0));
        assertEquals(2, batch.count());
    }

    @Test
    void shouldReportADatagramLongerThanASlot() {
        peer.send(64);
        peer.send(65);
        peer.send(20);

        assertEquals(3, socket.receive(batch, 0));

        assertFalse(batch.truncated(0));
        assertTrue(batch.truncated(1));
        assertEquals(64, batch.length(1));
        assertFalse(batch.truncated(2));
    }

    @Test
    @BadInput(25)
    void shouldReturnNothingWhenNothingCame() {
        peer.send(20);
        assertEquals(1, socket.receive(batch, 0));

        assertEquals(0, socket.receive(batch, 0));
        assertEquals(0, batch.count());
        final long start = System.nanoTime();
        assertEquals(0, socket.receive(batch, 50));
        assertEquals(0, socket.receive(batch, 30));
        final long elapsedMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(elapsedMillis >= 75 && elapsedMillis < 10_000, elapsedMillis + " ms");
    }

    @Test
    @BadInput(25)
    void shouldGoOnWaitingAfterASignal() throws Exception {
        try (DatagramChannel installsTheHandler = DatagramChannel.open()) {
            assertTrue(installsTheHandler.isOpen());
            assumeTrue(isCaught(WAKEUP_SIGNAL), "skipped: this JVM has no handler for signal " + WAKEUP_SIGNAL);
            final CompletableFuture<Integer> threadId = new CompletableFuture<>();
            final CompletableFuture<Integer> result = CompletableFuture.supplyAsync(() -> {
                threadId.complete(NativeThread.threadId());
                return socket.receive(batch, 5000);
            });
            awaitSleep(threadId.get(5, TimeUnit.SECONDS));

            final Signals signals = LibraryLoader.create(Signals.class).load("libc.so.6");
            assertEquals(0, signals.tgkill((int) ProcessHandle.current().pid(), threadId.get(), WAKEUP_SIGNAL));
            Thread.sleep(20);

            assertFalse(result.isDone());
            peer.send(20);
            assertEquals(1, result.get(5, TimeUnit.SECONDS));
        }
    }

    @Test
    void shouldSayThatItIsClosed() {
        socket.close();
        socket.close();
        final NativeException receiving = assertThrows(NativeException.class, () -> socket.receive(batch, 0));
        assertEquals(Errno.EBADF, receiving.errno());
        final SendBuffer buffer = new SendBuffer(1);
        buffer.writer().verdict(0, 1, NfqueueProtocol.NF_ACCEPT, 1);
        assertThrows(NativeException.class, () -> socket.send(buffer));
        assertEquals(40, buffer.writer().length(), "not sent, so still there");
    }

    @Test
    void shouldSendNothingFromAnEmptyBuffer() {
        socket.close();
        socket.send(new SendBuffer(1));
    }

    @Test
    void shouldNotAllocate() {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final SendBuffer buffer = new SendBuffer(4);
        final QueueSocket sender = QueueSocket.ofDescriptor(NetlinkPeer.connectedTo(fd));
        try {
            long received = 0;
            long least = Long.MAX_VALUE;
            // The least of some windows: the JVM itself may allocate on this thread while it still compiles.
            for (int window = 0; window < 4; window++) {
                final long before = threads.getCurrentThreadAllocatedBytes();
                for (int round = 0; round < 10_000; round++) {
                    buffer.writer().verdict(0, round, NfqueueProtocol.NF_ACCEPT, 1);
                    sender.send(buffer);
                    received += socket.receive(batch, 1000);
                    received += batch.truncated(0) ? 1 : 0;
                    received += socket.receive(batch, 0);
                }
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            }
            assertEquals(40_000, received);
            // One call to the bean itself may count; a single byte per round would be 10,000.
            assertTrue(least < 1000, "was " + least);
        } finally {
            sender.close();
        }
    }

    private static boolean isCaught(final int signal) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("SigCgt:"))
                .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) >>> (signal - 1) & 1) != 0);
    }

    private static void awaitSleep(final int threadId) throws IOException, InterruptedException {
        final Path file = Path.of("/proc/self/task/" + threadId + "/wchan");
        for (int i = 0; i < 500; i++) {
            if (Files.readString(file).contains("skb")) {
                return;
            }
            Thread.sleep(2);
        }
        Thread.sleep(100); // a kernel that hides wchan
    }
}
