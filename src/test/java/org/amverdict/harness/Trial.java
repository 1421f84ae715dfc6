package org.amverdict.harness;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.AmandaPeer;
import org.amverdict.lab.Host;
import org.amverdict.lab.Streams;

/**
 * One exchange through a firewall. An event or a counter shows the fate of each packet, without waiting. Keeps what
 * must be open and where the firewall was wrong. For one thread.
 */
public final class Trial implements AutoCloseable {
    private static final long JUDGED_NS_MAX = TimeUnit.SECONDS.toNanos(5);
    private static final long POLL_NS = 500_000;
    /** The kernel repeats a SYN after 1 s. */
    private static final long SYN_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(900);

    private static final int STREAMS = 4;
    private static final int FLOOD_PORT_MIN = 20_000;
    private static final int PRIVILEGED_FLOOD = 500;
    private static final int UNPRIVILEGED_PORT_MIN = 1024;
    /** Requests at once, so that no socket buffer overflows. */
    private static final int FLOOD_STEP = 64;

    private final JudgedNetwork network;
    private final ControlPath path;
    /** Between the same hosts the other way round. */
    private final ControlPath wayRound;

    private final IntSupplier numbers;
    private final List<AmandaPeer> requesters = new ArrayList<>();
    private final Set<Integer> mustOpen = new TreeSet<>();
    private final Set<Integer> tried = new TreeSet<>();
    /** What was wrong, with %s for the ports. */
    private final Map<String, List<Integer>> wrong = new LinkedHashMap<>();

    private Transaction of;

    /** @param numbers gives a number that no other trial has: of a transaction, and of a requester's port */
    public Trial(
            final JudgedNetwork network,
            final ControlPaths paths,
            final ControlExchange exchange,
            final IntSupplier numbers)
            throws IOException {
        this.network = network;
        this.path = paths.get(exchange.dump(), exchange.family());
        this.wayRound = paths.get(!exchange.dump(), exchange.family());
        this.numbers = numbers;
        of = otherRequester();
    }

    /** The transaction of the exchange. */
    public Transaction of() {
        return of;
    }

    /** Goes on with another transaction of the same requester. */
    public Transaction otherTransaction() {
        of = Transaction.number(numbers.getAsInt());
        return of;
    }

    /** Goes on with another requester on the same host. */
    public Transaction otherRequester() throws IOException {
        return requester(ControlExchanges.REQUESTER_PORT_MIN + numbers.getAsInt());
    }

    /** Goes on with a requester on this port. */
    public Transaction requester(final int port) throws IOException {
        requesters.add(path.requester(port));
        return otherTransaction();
    }

    private AmandaPeer requester() {
        return requesters.get(requesters.size() - 1);
    }

    /** The requester says something that must arrive. */
    public void asks(final byte[] datagram) throws IOException {
        if (!path.forth(requester(), datagram)) {
            wrong.computeIfAbsent("loses a request", key -> new ArrayList<>());
        }
    }

    /** The requester says something that need not arrive. */
    public void tries(final byte[] datagram) throws IOException {
        path.forth(requester(), datagram);
    }

    /** The responder says something that must arrive. */
    public void answers(final byte[] datagram) throws IOException {
        if (!path.back(requester(), datagram)) {
            wrong.computeIfAbsent("loses the reply", key -> new ArrayList<>());
        }
    }

    /** The responder says something that need not arrive. */
    public void claims(final byte[] datagram) throws IOException {
        path.send(requester(), datagram);
    }

    /** REQ, ACK, REP, ACK. */
    public void exchange(final byte[] request, final byte[] reply) throws IOException {
        asks(request);
        answers(AmandaMessages.ack(of));
        answers(reply);
        asks(AmandaMessages.ack(of));
    }

    /** The responder says something from another port than the control port; it need not arrive. */
    public void claimsFrom(final int port, final byte[] datagram) throws IOException {
        try (AmandaPeer other = AmandaPeer.requester(path.answering(), port, path.asking(), path.family())) {
            other.talkTo(path.asking().address(path.family()), requester().port());
            other.send(datagram);
            path.settle();
        }
    }

    /** The stranger says something in the responder's name; it need not arrive. */
    public void forges(final byte[] datagram) throws IOException {
        final String address = path.answering().address(path.family()).getHostAddress() + "/32";
        inStranger("ip", "addr", "add", address, "dev", "lo");
        try {
            forge(datagram);
        } finally {
            inStranger("ip", "addr", "del", address, "dev", "lo");
        }
    }

    private void forge(final byte[] datagram) throws IOException {
        final long denied = network.drops("unsolicited");
        try (AmandaPeer forger =
                AmandaPeer.responder(stranger(), path.answering().address(path.family()))) {
            forger.talkTo(path.asking().address(path.family()), requester().port());
            forger.send(datagram);
            final long deadlineNs = System.nanoTime() + JUDGED_NS_MAX;
            while (!ControlPath.arrives(requester(), datagram, 20) && network.drops("unsolicited") == denied) {
                if (System.nanoTime() - deadlineNs > 0) {
                    throw new IOException("nobody knows what became of the forged datagram");
                }
            }
        }
    }

    private void inStranger(final String... command) throws IOException {
        final Process process = new ProcessBuilder(stranger().inside(List.of(command)))
                .inheritIO()
                .start();
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + " failed");
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    public Host answering() {
        return path.answering();
    }

    public Host stranger() {
        return network.lab().stranger();
    }

    /** Lets enough time pass that conntrack forgets everything before. */
    public void forgets() throws IOException {
        network.forgetFlows();
    }

    /**
     * The responder sends the requester's host so many requests that the kernel's table of expectations could not hold
     * all announcements; one request for each of its ports, the privileged ones first. None of it needs to arrive.
     */
    public void floods() throws IOException {
        final int entries = network.lab().firewall().call(Conntrack::expectationsMax);
        final List<AmandaPeer> step = new ArrayList<>();
        for (int i = 0; i <= entries / STREAMS; i += FLOOD_STEP) {
            try {
                for (int k = i; k < i + FLOOD_STEP; k++) {
                    step.add(wayRound.requester(floodRequesterPort(k)));
                }
                flood(step, FLOOD_PORT_MIN + i * STREAMS);
            } finally {
                step.forEach(AmandaPeer::close);
                step.clear();
            }
        }
    }

    /** The witness of that way has port 1022. */
    private static int floodRequesterPort(final int number) {
        return number < PRIVILEGED_FLOOD
                ? ControlExchanges.REQUESTER_PORT_MIN + number
                : UNPRIVILEGED_PORT_MIN + number;
    }

    private void flood(final List<AmandaPeer> askers, final int firstPort) throws IOException {
        final Transaction flood = Transaction.number(numbers.getAsInt());
        final byte[] request =
                AmandaMessages.request(flood, "amandabackup", "ambackupd", "OPTIONS features=;\nBACKUP\n");
        for (final AmandaPeer asker : askers) {
            asker.send(request);
        }
        wayRound.settle();
        int port = firstPort;
        for (final AmandaPeer asker : askers) {
            wayRound.sendUnsettled(
                    asker,
                    AmandaMessages.connectReply(
                            flood,
                            "DATA " + port + " MESG " + (port + 1) + " INDEX " + (port + 2) + " STATE " + (port + 3)));
            port += STREAMS;
        }
        wayRound.settle();
    }

    /** The requester must be able to connect to these ports. */
    public void opens(final int... ports) throws IOException {
        for (final int port : ports) {
            mustOpen.add(port);
            if (!connects(path.asking(), 0, path.answering(), port)) {
                addWrong("keeps %s closed", port);
            }
        }
    }

    /** The requester must not be able to connect to these ports. */
    public void keepsClosed(final int... ports) throws IOException {
        for (final int port : ports) {
            keepsClosed(path.asking(), port, "");
        }
    }

    /** Another host must not either: the stranger or, in the other direction, the responder. */
    public void keepsClosedTo(final Host from, final int port) throws IOException {
        keepsClosed(from, port, from == path.answering() ? " backwards" : " to the stranger");
    }

    /** The requester must not be able to connect from that port. */
    public void keepsClosedFrom(final int sourcePort, final int port) throws IOException {
        if (connects(path.asking(), sourcePort, path.answering(), port)) {
            addWrong("opens %s from port " + sourcePort, port);
        }
    }

    private void keepsClosed(final Host from, final int port, final String how) throws IOException {
        final Host to = from == path.answering() ? path.asking() : path.answering();
        if (connects(from, 0, to, port)) {
            addWrong("opens %s" + how, port);
        }
    }

    private void addWrong(final String what, final int port) {
        wrong.computeIfAbsent(what, key -> new ArrayList<>()).add(port);
    }

    private boolean connects(final Host from, final int sourcePort, final Host to, final int port) throws IOException {
        tried.add(port);
        final long startNs = System.nanoTime();
        final boolean connected;
        try (ServerSocket listener = Streams.listen(to, path.family(), port)) {
            connected = connects(from, sourcePort, to, listener.getLocalPort(), startNs);
        }
        if (System.nanoTime() - startNs > SYN_AGAIN_NS) {
            path.settle(); // a second SYN may be on its way, and must not be taken for the next one
        }
        return connected;
    }

    private boolean connects(final Host from, final int sourcePort, final Host to, final int port, final long startNs)
            throws IOException {
        final long denied = network.drops("unexpected");
        try (SocketChannel channel = from.call(() -> start(from, sourcePort, to, port))) {
            while (!channel.finishConnect()) {
                if (network.drops("unexpected") > denied) {
                    return false;
                }
                if (System.nanoTime() - startNs > JUDGED_NS_MAX) {
                    throw new IOException("nobody knows what became of the SYN to port " + port);
                }
                LockSupport.parkNanos(POLL_NS);
            }
            return true;
        } catch (final ConnectException e) {
            if (!network.resets()) {
                throw e;
            }
            return false; // the listener never refuses, so the firewall did
        }
    }

    private SocketChannel start(final Host from, final int sourcePort, final Host to, final int port)
            throws IOException {
        final SocketChannel channel = SocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            channel.bind(new InetSocketAddress(from.address(path.family()), sourcePort));
            channel.configureBlocking(false);
            channel.connect(new InetSocketAddress(to.address(path.family()), port));
            return channel;
        } catch (final IOException e) {
            channel.close();
            throw e;
        }
    }

    /** The ports that must be open, in ascending order. */
    public Set<Integer> mustOpen() {
        return Collections.unmodifiableSet(mustOpen);
    }

    /** All ports that were mentioned. */
    public Set<Integer> tried() {
        return Collections.unmodifiableSet(tried);
    }

    /** Where the firewall was wrong, in the order of events. */
    public List<String> wrong() {
        return wrong.entrySet().stream()
                .map(entry -> entry.getKey()
                        .formatted(
                                entry.getValue().stream().map(String::valueOf).collect(Collectors.joining(", "))))
                .toList();
    }

    @Override
    public void close() {
        requesters.forEach(AmandaPeer::close);
    }
}
