package org.amverdict.lab;

import java.io.IOException;
import org.amverdict.lab.AmandaMessages.Transaction;

/** A requester and a responder on two hosts, with the exchange that both sides go through. For one thread at a time. */
public final class Conversation implements AutoCloseable {
    private final AmandaPeer requester;
    private final AmandaPeer responder;
    private final int timeoutMs;

    /**
     * Opens both ends.
     *
     * @param timeoutMs how long to wait for each datagram before it counts as dropped
     */
    public Conversation(final Host asking, final Host answering, final Family family, final int timeoutMs)
            throws IOException {
        this.timeoutMs = timeoutMs;
        responder = AmandaPeer.responder(answering, family);
        try {
            requester = AmandaPeer.requester(asking, answering, family);
        } catch (final IOException e) {
            responder.close();
            throw e;
        }
    }

    /** Takes over two ends that are already open. */
    public Conversation(final AmandaPeer requester, final AmandaPeer responder, final int timeoutMs) {
        this.requester = requester;
        this.responder = responder;
        this.timeoutMs = timeoutMs;
    }

    public AmandaPeer requester() {
        return requester;
    }

    public AmandaPeer responder() {
        return responder;
    }

    /** Whether the request arrives. */
    public boolean ask(final byte[] request) throws IOException {
        return requester.reaches(responder, request, timeoutMs);
    }

    /** Whether the responder's message arrives; it can send only after a request. */
    public boolean answer(final byte[] reply) throws IOException {
        return responder.reaches(requester, reply, timeoutMs);
    }

    /** REQ, ACK, REP, ACK: whether all four arrive. Stops at the first that does not. */
    public boolean exchange(final Transaction of, final byte[] request, final byte[] reply) throws IOException {
        return ask(request) && answer(AmandaMessages.ack(of)) && answer(reply) && ask(AmandaMessages.ack(of));
    }

    @Override
    public void close() {
        requester.close();
        responder.close();
    }
}
