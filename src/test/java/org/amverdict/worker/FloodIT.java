package org.amverdict.worker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.amverdict.amanda.Service;
import org.amverdict.engine.EngineCounters;
import org.amverdict.engine.EngineEvents;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.engine.VerdictEngine;
import org.amverdict.harness.Kernel;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaPeer;
import org.amverdict.lab.Family;
import org.amverdict.lab.FirewallRules;
import org.amverdict.lab.FirewallRules.Placement;
import org.amverdict.lab.Host;
import org.amverdict.lab.NetworkLab;
import org.amverdict.nfqueue.KernelQueues;
import org.amverdict.nfqueue.QueueSettings;
import org.amverdict.nfqueue.ffi.CLayout;
import org.amverdict.nfqueue.ffi.LibC;
import org.amverdict.nfqueue.ffi.NativeLibraries;
import org.amverdict.nfqueue.ffi.NativeMemory;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** In a flood verdicts are held back for a moment, and yet each packet gets its one: whenever it ends, and at a stop. */
@Tag("root")
@Timeout(60)
class FloodIT {
    private static final int BURST = 64;
    private static final int PORT = 840;
    /** The JVM is warm by then, and the flood holds what one worker can judge. */
    private static final int FLOOD_PACKETS = 500_000;

    /** A machine that is busy with tests does not reach what is a flood else: 20,000 packets/s are one here. */
    private static final long ANY_STREAM_NANOS = 50_000;

    private static final int BURSTS_MAX = 200_000;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    private final VerdictEngine engine = new VerdictEngine(
            EngineSettings.of(Policy.of(List.of(new Allowance(
                    "all",
                    HostSet.of("192.0.2.0/24"),
                    HostSet.of("198.51.100.0/24"),
                    Service.NOOP.bit(),
                    Policy.DEFAULT_STREAM_PORTS,
                    false)))),
            new Tables(TableLimits.DEFAULTS, 1),
            new EngineCounters(),
            EngineEvents.NONE);
    private final QueueWorker worker = new QueueWorker(
            QueueSettings.builder(0).maxLength(4096).gso(false).conclude(),
            -1,
            false,
            engine,
            SocketKeeper.NONE,
            new Pacing(ANY_STREAM_NANOS));

    @Test
    void shouldAnswerAllThatAFloodLeaves() throws Exception {
        try (NetworkLab lab = NetworkLab.open()) {
            final Thread thread = start(lab);

            flood(lab, () -> accepted() < FLOOD_PACKETS);

            await().until(() -> waiting(lab) == 0);
            await().untilAsserted(() -> assertEquals(forwarded(lab), accepted()));
            worker.stop();
            thread.join();
            assertNull(worker.failure());
        }
    }

    @Test
    void shouldAnswerAllThatItHasJudgedWhenItStopsInAFlood() throws Exception {
        try (NetworkLab lab = NetworkLab.open()) {
            final Thread thread = start(lab);

            flood(lab, () -> {
                if (accepted() >= FLOOD_PACKETS) {
                    worker.stop();
                }
                return thread.isAlive();
            });

            thread.join();
            assertNull(worker.failure());
            assertTrue(accepted() >= FLOOD_PACKETS, () -> "the flood was too small: " + accepted());
            assertEquals(forwarded(lab), accepted());
        }
    }

    private Thread start(final NetworkLab lab) throws IOException {
        FirewallRules.apply(lab.firewall(), Placement.EVERYTHING, 0, 0);
        lab.firewall().run("iptables", "-t", "mangle", "-A", "POSTROUTING", "-p", "udp", "--dport", "10080");
        // A thread is born into the network namespace of the one that starts it.
        final Thread thread = lab.firewall().call(() -> {
            final Thread made = new Thread(worker, "worker");
            made.start();
            worker.begin();
            return made;
        });
        await().until(() -> worker.bound() || worker.failure() != null);
        assertNull(worker.failure());
        return thread;
    }

    private long accepted() {
        return engine.counters().packets(Verdict.ACCEPT, Reason.REQUEST);
    }

    private static long waiting(final NetworkLab lab) throws IOException {
        final String text = lab.firewall().run("cat", "/proc/net/netfilter/nfnetlink_queue");
        return KernelQueues.parse(text).queues().get(0).waiting();
    }

    /** Requests that the firewall let pass, as a rule behind the queue counts them. */
    private static long forwarded(final NetworkLab lab) throws IOException {
        final String rule = lab.firewall()
                .run("iptables", "-t", "mangle", "-nvxL", "POSTROUTING")
                .lines()
                .filter(line -> line.contains("dpt:10080"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(rule.strip().split(" +", -1)[0]);
    }

    /** Requests in bursts that the kernel takes as one packet each until they are queued (UDP_SEGMENT, udp(7)). */
    private static void flood(final NetworkLab lab, final BooleanSupplier goOn) throws IOException {
        final LibC libC = NativeLibraries.libC();
        final byte[] request = AmandaMessages.noop(AmandaMessages.Transaction.number(1));
        final NativeMemory burst = new NativeMemory(BURST * request.length);
        for (int i = 0; i < BURST; i++) {
            burst.bytes().setBytes(i * request.length, request);
        }
        final int socket =
                lab.server().call(() -> libC.socket(CLayout.AF_INET, CLayout.SOCK_DGRAM | CLayout.SOCK_CLOEXEC, 0));
        try {
            final NativeMemory word = new NativeMemory(Integer.BYTES);
            word.bytes().setIntLE(0, request.length);
            final NativeMemory from = name(lab.server(), PORT);
            final NativeMemory to = name(lab.client(), AmandaPeer.CONTROL_PORT);
            assertEquals(
                    0,
                    libC.setsockopt(socket, CLayout.IPPROTO_UDP, CLayout.UDP_SEGMENT, word.address(), Integer.BYTES));
            assertEquals(0, libC.bind(socket, from.address(), CLayout.SOCKADDR_IN_SIZE));
            assertEquals(0, libC.connect(socket, to.address(), CLayout.SOCKADDR_IN_SIZE));
            // The kernel drops what else of a connection waits while it is not confirmed yet.
            libC.send(socket, burst.address(), request.length, 0);
            await().until(() -> forwarded(lab) == 1);
            for (int i = 0; i < BURSTS_MAX && goOn.getAsBoolean(); i++) {
                libC.send(socket, burst.address(), (long) BURST * request.length, 0);
            }
            burst.keepReachable();
            word.keepReachable();
            from.keepReachable();
            to.keepReachable();
        } finally {
            libC.close(socket);
        }
    }

    private static NativeMemory name(final Host host, final int port) {
        final NativeMemory name = new NativeMemory(CLayout.SOCKADDR_IN_SIZE);
        name.bytes().setShortLE(CLayout.SOCKADDR_IN_FAMILY, CLayout.AF_INET);
        name.bytes().setShort(CLayout.SOCKADDR_IN_PORT, port);
        name.bytes()
                .setBytes(CLayout.SOCKADDR_IN_ADDRESS, host.address(Family.IPV4).getAddress());
        return name;
    }
}
