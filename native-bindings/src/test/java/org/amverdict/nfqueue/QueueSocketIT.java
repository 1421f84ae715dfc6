package org.amverdict.nfqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import jnr.ffi.LibraryLoader;
import jnr.ffi.types.size_t;
import org.amverdict.inputs.BadInput;
import org.amverdict.nfqueue.ffi.Errno;
import org.amverdict.nfqueue.ffi.NativeException;
import org.amverdict.nfqueue.ffi.NativeMemory;
import org.amverdict.nfqueue.netlink.NetlinkStatus;
import org.amverdict.nfqueue.netlink.NfqueueProtocol;
import org.amverdict.nfqueue.netlink.VerdictWriter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real packets through a real queue between two network namespaces. */
@Timeout(120)
class QueueSocketIT {
    static final int QUEUE = 7;

    /** NFQA_CFG_MASK, NFQA_CFG_FLAGS, NFQA_CFG_F_CONNTRACK, and a flag beyond all that there are. */
    private static final int CONFIG_MASK = 4;

    private static final int CONFIG_FLAGS = 5;
    private static final int CONFIG_FLAG_CONNTRACK = 2;
    private static final int CONFIG_FLAG_UNKNOWN = 1 << 20;
    private static final int WINDOWS_MAX = 10;

    private @Nullable TestNetwork network;
    private @Nullable DatagramSocket sender;
    private @Nullable DatagramSocket receiver;

    /** Takes CAP_NET_ADMIN from the calling thread. */
    public interface Capabilities {
        int capget(@size_t long header, @size_t long data);

        int capset(@size_t long header, @size_t long data);
    }

    @AfterEach
    void closeAll() {
        if (sender != null) {
            sender.close();
        }
        if (receiver != null) {
            receiver.close();
        }
        if (network != null) {
            network.close();
        }
    }

    @Test
    void shouldDeliverWhatIsAcceptedAndNothingElse() throws Exception {
        final TestNetwork net = network();
        final List<Integer> delivered = net.onServer(() -> {
            try (QueueSocket socket = QueueSocket.open(settings())) {
                send(0, 100);
                final Consumer consumer = new Consumer(socket);
                assertEquals(100, consumer.answer(payload -> payload % 3 != 1, 100));
                assertEquals(0, waiting());
                assertEquals(0, consumer.errors);
                assertTrue(consumer.messages < 100, consumer.messages + " messages");
                return received();
            }
        });

        final List<Integer> expected = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            if (i % 3 != 1) {
                expected.add(i);
            }
        }
        assertEquals(expected, delivered.stream().sorted().toList());
    }

    @Test
    void shouldShowWhatTheKernelSaysAboutAPacket() throws Exception {
        network().onServer(() -> {
            try (QueueSocket socket = QueueSocket.open(
                    QueueSettings.builder(QUEUE).copyRangeBytes(40).conclude())) {
                send(5, 1);
                final Consumer consumer = new Consumer(socket);
                assertEquals(1, socket.receive(consumer.batch, 5000));
                assertEquals(0, socket.foreignDatagrams());
                assertEquals(NetlinkStatus.OK, consumer.parse(0));
                assertEquals(1, consumer.packet.packetId());
                assertEquals(1, consumer.packet.hook());
                assertEquals(0x0800, consumer.packet.hwProtocol());
                assertTrue(consumer.packet.inInterface() > 0);
                assertEquals(0, consumer.packet.outInterface());
                assertEquals(40, consumer.packet.payloadLength());
                assertEquals(128, consumer.packet.capLength());
                assertEquals(0x45, consumer.batch.slab().getByte(consumer.packet.payloadOffset()));
                return null;
            }
        });
    }

    @Test
    void shouldLeaveUnreadPacketsHeld() throws Exception {
        network().onServer(() -> {
            try (QueueSocket socket =
                    QueueSocket.open(QueueSettings.builder(QUEUE).batchSlots(4).conclude())) {
                send(0, 10);
                awaitWaiting(10);
                final Consumer consumer = new Consumer(socket, 4);

                assertEquals(4, consumer.answer(payload -> true, 4));

                assertEquals(6, waiting());
                assertEquals(List.of(0, 1, 2, 3), received());
                return null;
            }
        });
    }

    @Test
    void shouldReportTheQueueAndItsOwner() throws Exception {
        network().onServer(() -> {
            try (QueueSocket socket =
                    QueueSocket.open(QueueSettings.builder(QUEUE).maxLength(50).conclude())) {
                final KernelQueues.KernelQueue queue =
                        KernelQueues.read().queue(QUEUE).orElseThrow();
                assertEquals(Integer.toUnsignedLong(socket.portId()), queue.portId());
                assertEquals(NfqueueProtocol.COPY_PACKET, queue.copyMode());
                assertEquals(1500, queue.copyRangeBytes());
                assertTrue(socket.effectiveReceiveBufferBytes() >= 2 * 50 * 2304);
                send(0, 60);
                awaitWaiting(50);
                assertEquals(10, KernelQueues.read().queue(QUEUE).orElseThrow().dropped());
                return null;
            }
        });
    }

    @Test
    @BadInput(27)
    void shouldNameTheOwnerOfATakenQueue() throws Exception {
        network().onServer(() -> {
            try (QueueSocket owner = QueueSocket.open(settings())) {
                final NativeException e = assertThrows(NativeException.class, () -> QueueSocket.open(settings()));

                assertEquals(Errno.EPERM, e.errno());
                assertTrue(
                        e.getMessage()
                                .startsWith("bind queue 7: EPERM (operation not permitted): queue 7 is owned by netlink"
                                        + " port id " + Integer.toUnsignedString(owner.portId()) + ","),
                        e.getMessage());
            }
            QueueSocket.open(settings()).close();
            return null;
        });
    }

    @Test
    @BadInput(27)
    void shouldSayThatThePrivilegeIsMissing() throws Exception {
        network().onServer(() -> {
            // struct __user_cap_header_struct, version 3, and twice __user_cap_data_struct (linux/capability.h)
            final NativeMemory memory = new NativeMemory(32);
            memory.bytes().setIntLE(0, 0x20080522);
            final Capabilities capabilities =
                    LibraryLoader.create(Capabilities.class).load("libc.so.6");
            assertEquals(0, capabilities.capget(memory.address(), memory.address() + 8));
            final int effective = memory.bytes().getIntLE(8);
            memory.bytes().setIntLE(8, effective & ~(1 << 12));
            assertEquals(0, capabilities.capset(memory.address(), memory.address() + 8));
            try {
                final NativeException e = assertThrows(NativeException.class, () -> QueueSocket.open(settings()));
                assertEquals(Errno.EPERM, e.errno());
                assertTrue(e.getMessage().contains("this process lacks CAP_NET_ADMIN"), e.getMessage());
            } finally {
                memory.bytes().setIntLE(8, effective);
                assertEquals(0, capabilities.capset(memory.address(), memory.address() + 8));
            }
            return null;
        });
    }

    @Test
    void shouldOpenUnderLoadWithoutLosingAPacket() throws Exception {
        final TestNetwork net = network();
        final AtomicBoolean stop = new AtomicBoolean();
        final Future<?> flood = net.clientThread().submit(() -> {
            try (DatagramSocket socket = new DatagramSocket()) {
                while (!stop.get()) {
                    socket.send(packet(0));
                }
            }
            return null;
        });
        try {
            net.onServer(() -> {
                // The kernel gives the first netlink socket of a process the process's id as port id. If every round
                // had
                // it, a packet still on its way to the queue just closed would reach the next one.
                try (QueueSocket holder = QueueSocket.open(QueueSettings.of(QUEUE + 1))) {
                    for (int round = 0; round < 3000; round++) {
                        try (QueueSocket socket = QueueSocket.open(settings())) {
                            assertNotEquals(holder.portId(), socket.portId());
                            final Consumer consumer = new Consumer(socket);
                            consumer.answer(payload -> true, 1);
                            assertEquals(1, consumer.firstId, "the first packet was lost, round " + round);
                        }
                    }
                }
                return null;
            });
        } finally {
            stop.set(true);
            flood.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void shouldAnswerWhatIsHeldAfterItTakesNoMore() throws Exception {
        network().onServer(() -> {
            try (QueueSocket socket = QueueSocket.open(settings())) {
                send(0, 20);
                awaitWaiting(20);

                socket.stopTaking();
                send(20, 10);

                final Consumer consumer = new Consumer(socket);
                assertEquals(20, consumer.answer(payload -> true, 20));
                assertEquals(0, socket.receive(consumer.batch, 100));
                assertEquals(0, waiting());
                assertEquals(20, received().size());
                assertEquals(10, KernelQueues.read().queue(QUEUE).orElseThrow().dropped());
            }
            return null;
        });
    }

    @Test
    void shouldLetPacketsPassAfterItTakesNoMoreIfItFailsOpen() throws Exception {
        network().onServer(() -> {
            try (QueueSocket socket =
                    QueueSocket.open(QueueSettings.builder(QUEUE).failOpen(true).conclude())) {
                socket.stopTaking();
                send(0, 10);
                assertEquals(10, received().size());
            }
            return null;
        });
    }

    @Test
    void shouldLeaveTheRestToTheRuleAfterTheClose() throws Exception {
        network("--queue-bypass").onServer(() -> {
            QueueSocket.open(settings()).close();
            send(0, 3);
            assertEquals(3, received().size());
            return null;
        });
    }

    @Test
    @BadInput(24)
    void shouldCountAnOverrunAndGoOn() throws Exception {
        network().onServer(() -> {
            try (QueueSocket socket = QueueSocket.open(
                    QueueSettings.builder(QUEUE).receiveBufferBytes(4096).conclude())) {
                send(0, 100);
                final Consumer consumer = new Consumer(socket);
                final int first = consumer.answer(payload -> true, 1);
                assertTrue(first > 0);
                assertEquals(1, socket.overruns());
                send(100, 1);
                assertEquals(1, consumer.answer(payload -> true, 1));
                assertEquals(first + 1, received().size());
                assertEquals(
                        100 - first,
                        KernelQueues.read().queue(QUEUE).orElseThrow().userDropped());
            }
            return null;
        });
    }

    /** The kernel's complaints come among the packets and spoil nothing. */
    @Test
    @BadInput({5, 26, 30})
    void shouldSurviveErrorsInTheStream() throws Exception {
        network().onServer(() -> {
            try (QueueSocket socket = QueueSocket.open(settings())) {
                send(0, 2);
                awaitWaiting(2);
                final SendBuffer buffer = new SendBuffer(4);
                buffer.writer().verdict(QUEUE, 4711, NfqueueProtocol.NF_ACCEPT, VerdictWriter.NO_MARK);
                buffer.writer().verdict(QUEUE, 1, 2, VerdictWriter.NO_MARK);
                buffer.writer().verdict(QUEUE, 1, NfqueueProtocol.NF_ACCEPT, VerdictWriter.NO_MARK);
                socket.send(buffer);
                assertEquals(0, buffer.writer().length());
                send(2, 1);

                final Consumer consumer = new Consumer(socket);
                assertEquals(3, consumer.answer(payload -> true, 3));
                // Unknown id, and NF_STOLEN; the third complaint, about id 1 answered again, lies unread.
                assertEquals(2, consumer.errors);
                assertEquals(List.of(Errno.ENOENT, Errno.EINVAL), consumer.errorNumbers);
                assertEquals(3, received().size());
            }
            return null;
        });
    }

    /** Configuration that the kernel refuses is answered among the packets, and changes nothing. */
    @Test
    @BadInput({28, 29})
    void shouldSurviveRefusedFlags() throws Exception {
        network().onServer(() -> {
            try (QueueSocket socket = QueueSocket.open(settings())) {
                final NativeMemory memory = new NativeMemory(64);
                socket.send(memory.address(), flags(memory, CONFIG_FLAG_CONNTRACK, false));
                socket.send(memory.address(), flags(memory, CONFIG_FLAG_UNKNOWN, true));
                memory.keepReachable();
                send(0, 2);

                final Consumer consumer = new Consumer(socket);
                assertEquals(2, consumer.answer(payload -> true, 2));
                assertEquals(List.of(Errno.EINVAL, Errno.EOPNOTSUPP), consumer.errorNumbers);
                assertEquals(2, received().size());
            }
            return null;
        });
    }

    /** A message that sets one flag of the queue, with the mask that tells which, or without it. */
    private static int flags(final NativeMemory memory, final int flag, final boolean masked) {
        final ByteBuf bytes = memory.bytes();
        final int length = masked ? 36 : 28;
        bytes.setIntLE(0, length)
                .setShortLE(4, NfqueueProtocol.MSG_CONFIG)
                .setShortLE(6, NfqueueProtocol.NLM_F_REQUEST);
        bytes.setLong(8, 0).setInt(16, QUEUE);
        bytes.setShortLE(20, 8).setShortLE(22, CONFIG_FLAGS).setInt(24, flag);
        bytes.setShortLE(28, 8).setShortLE(30, CONFIG_MASK).setInt(32, flag);
        return length;
    }

    @Test
    void shouldSetTheMark() throws Exception {
        final TestNetwork net = network();
        final String namespace = net.serverNamespace().getFileName().toString();
        TestNetwork.run(
                "ip",
                "netns",
                "exec",
                namespace,
                "iptables",
                "-t",
                "security",
                "-A",
                "INPUT",
                "-m",
                "mark",
                "--mark",
                "0xcafe0001",
                "-j",
                "DROP");
        net.onServer(() -> {
            try (QueueSocket socket = QueueSocket.open(settings())) {
                send(0, 4);
                final Consumer consumer = new Consumer(socket);
                consumer.markOdd = 0xcafe0001L;
                assertEquals(4, consumer.answer(payload -> true, 4));
                assertEquals(List.of(0, 2), received());
            }
            return null;
        });
    }

    @Test
    void shouldNotAllocateWhileReceivingAndAnswering() throws Exception {
        final TestNetwork net = network();
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final AtomicBoolean stop = new AtomicBoolean();
        final Future<?> flood = net.clientThread().submit(() -> {
            try (DatagramSocket socket = new DatagramSocket()) {
                while (!stop.get()) {
                    socket.send(packet(0));
                }
            }
            return null;
        });
        try {
            net.onServer(() -> {
                try (QueueSocket socket = QueueSocket.open(settings())) {
                    final Consumer consumer = new Consumer(socket);
                    // One lambda for all: linking a second one would be counted.
                    final Consumer.Policy policy = payload -> payload % 2 == 0;
                    long least = Long.MAX_VALUE;
                    // The least of some windows: the JVM may allocate on this thread while it still compiles, and what
                    // is rare, as an empty queue on a busy machine, is linked late. What each packet or each batch
                    // allocates is in all windows.
                    for (int window = 0; window < WINDOWS_MAX && least >= 1000; window++) {
                        final long before = threads.getCurrentThreadAllocatedBytes();
                        consumer.answer(policy, 50_000);
                        least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
                    }
                    // One call to the bean itself may count; a single byte a packet would be 50,000.
                    assertTrue(least < 1000, "was " + least);
                }
                return null;
            });
        } finally {
            stop.set(true);
            flood.get(10, TimeUnit.SECONDS);
        }
    }

    private TestNetwork network(final String... ruleOptions) throws Exception {
        final String obstacle = TestNetwork.obstacle();
        assumeTrue(obstacle.isEmpty(), "skipped, no real queue was tested: " + obstacle);
        final TestNetwork made = new TestNetwork(QUEUE, ruleOptions);
        network = made;
        sender = made.onClient(() -> new DatagramSocket());
        receiver = made.onServer(() -> new DatagramSocket(
                new InetSocketAddress(InetAddress.getByName(TestNetwork.SERVER_ADDRESS), TestNetwork.PORT)));
        return made;
    }

    private static QueueSettings settings() {
        return QueueSettings.of(QUEUE);
    }

    /** Sends datagrams whose first byte counts from {@code first} on. */
    private void send(final int first, final int count) throws IOException {
        for (int i = first; i < first + count; i++) {
            Objects.requireNonNull(sender).send(packet(i));
        }
    }

    private static DatagramPacket packet(final int first) throws IOException {
        final byte[] bytes = new byte[100];
        bytes[0] = (byte) first;
        return new DatagramPacket(
                bytes, bytes.length, InetAddress.getByName(TestNetwork.SERVER_ADDRESS), TestNetwork.PORT);
    }

    /** First bytes of what was delivered. */
    private List<Integer> received() throws IOException {
        final DatagramSocket socket = Objects.requireNonNull(receiver);
        final List<Integer> result = new ArrayList<>();
        final DatagramPacket packet = new DatagramPacket(new byte[200], 200);
        socket.setSoTimeout(200);
        try {
            while (true) {
                socket.receive(packet);
                result.add(packet.getData()[0] & 0xff);
            }
        } catch (final SocketTimeoutException e) {
            return result;
        }
    }

    private static long waiting() throws IOException {
        return KernelQueues.read().queue(QUEUE).orElseThrow().waiting();
    }

    private static void awaitWaiting(final int packets) throws Exception {
        for (int i = 0; i < 500 && waiting() < packets; i++) {
            Thread.sleep(10);
        }
        assertEquals(packets, waiting());
    }
}
