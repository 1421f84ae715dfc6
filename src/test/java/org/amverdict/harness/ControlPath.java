package org.amverdict.harness;

import java.io.IOException;
import java.util.Arrays;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.AmandaPeer;
import org.amverdict.lab.Family;
import org.amverdict.lab.Host;

/**
 * The path of control datagrams from a requester to a responder and back. It finds the fate of a datagram without
 * waiting for silence: a noop of a second requester, the witness, follows it over the same interfaces and through the
 * same queue.
 */
public final class ControlPath implements AutoCloseable {
    private static final int WITNESS_PORT = 1022;
    private static final int WITNESS_MS_MAX = 5_000;
    /** How long a datagram may take that the witness has overtaken. */
    private static final int LATE_MS = 500;

    private final Host asking;
    private final Host answering;
    private final Family family;
    private final AmandaPeer responder;
    private final AmandaPeer witness;
    private final Transaction witnessed = Transaction.number(0x1000_0000);

    public ControlPath(final Host asking, final Host answering, final Family family) throws IOException {
        this.asking = asking;
        this.answering = answering;
        this.family = family;
        responder = AmandaPeer.responder(answering, family);
        try {
            witness = AmandaPeer.requester(asking, WITNESS_PORT, answering, family);
        } catch (final IOException e) {
            responder.close();
            throw e;
        }
    }

    public Host asking() {
        return asking;
    }

    public Host answering() {
        return answering;
    }

    public Family family() {
        return family;
    }

    /** A requester on this path; the caller closes it. */
    public AmandaPeer requester(final int port) throws IOException {
        return AmandaPeer.requester(asking, port, answering, family);
    }

    /** Whether the responder gets it. */
    public boolean forth(final AmandaPeer requester, final byte[] datagram) throws IOException {
        requester.send(datagram);
        return passesWitness(datagram);
    }

    /** Whether the requester gets it. */
    public boolean back(final AmandaPeer requester, final byte[] datagram) throws IOException {
        send(requester, datagram);
        return arrives(requester, datagram, LATE_MS);
    }

    /** Sends it from the responder and returns when it was judged, whatever the outcome. */
    public void send(final AmandaPeer requester, final byte[] datagram) throws IOException {
        sendUnsettled(requester, datagram);
        settle();
    }

    /** Sends it from the responder; whether it was judged is not known before {@link #settle}. */
    public void sendUnsettled(final AmandaPeer requester, final byte[] datagram) throws IOException {
        responder.talkTo(asking.address(family), requester.port());
        responder.send(datagram);
    }

    /** Returns when all that was sent before has been judged. */
    public void settle() throws IOException {
        passesWitness(new byte[0]);
    }

    /** Sends the witness over the path and back, and returns whether the responder got {@code datagram} before it. */
    private boolean passesWitness(final byte[] datagram) throws IOException {
        final byte[] noop = AmandaMessages.noop(witnessed);
        witness.send(noop);
        boolean arrived = false;
        byte[] received = responder.receive(WITNESS_MS_MAX);
        while (received != null && !Arrays.equals(received, noop)) {
            arrived |= Arrays.equals(received, datagram);
            received = responder.receive(WITNESS_MS_MAX);
        }
        final byte[] ack = AmandaMessages.ack(witnessed);
        responder.talkTo(asking.address(family), WITNESS_PORT);
        responder.send(ack);
        if (received == null || !arrives(witness, ack, WITNESS_MS_MAX)) {
            throw new IOException("the way from " + asking.namespace() + " to " + answering.namespace() + " is dead");
        }
        return arrived;
    }

    /** Whether a datagram reaches a socket, whatever came before it. */
    public static boolean arrives(final AmandaPeer at, final byte[] datagram, final int timeoutMs) throws IOException {
        byte[] received = at.receive(timeoutMs);
        while (received != null && !Arrays.equals(received, datagram)) {
            received = at.receive(timeoutMs);
        }
        return received != null;
    }

    @Override
    public void close() {
        witness.close();
        responder.close();
    }
}
