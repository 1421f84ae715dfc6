package org.amverdict.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.amverdict.loop.Client;
import org.jspecify.annotations.Nullable;

/** One client of the HTTP side. For the thread of {@link HttpLoop}. */
final class HttpConnection implements Client<HttpConnection> {
    static final int HEAD_BYTES_MAX = 16_384;
    private static final int HEAD_BYTES_USUAL = 1024;
    /** Most input that is read and thrown away after the last answer. */
    static final int DISCARDED_BYTES_MAX = 256 * 1024;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** States in the order in which connections are closed when there are too many, with the time limit of each. */
    enum State {
        /** The last answer is sent; further input is discarded, since otherwise the client would not get the answer. */
        ENDING(1),
        /** A request or the connection has begun. */
        ASKING(5),
        /** There was an answer, and nothing has arrived since. */
        RESTING(10),
        /** An answer is being sent. */
        SENDING(20),
        /** An answer is being made. */
        WAITING(20);

        private final int seconds;

        State(final int seconds) {
            this.seconds = seconds;
        }

        int limitSeconds() {
            return seconds;
        }
    }

    private final SocketChannel channel;
    private final SelectionKey key;
    private final Object origin;
    private final HeadEnd headEnd = new HeadEnd();
    private ByteBuffer in = ByteBuffer.allocate(HEAD_BYTES_USUAL);
    private ByteBuffer out = NOTHING;
    private State state = State.ASKING;
    private long sinceNanos;
    private boolean last;
    private boolean headOnly;
    /** The client sends nothing more, and may still want its answers. */
    private boolean ended;

    private int discarded;

    HttpConnection(final SocketChannel channel, final Selector selector, final long nowNanos) throws IOException {
        this.channel = channel;
        origin = channel.getRemoteAddress() instanceof InetSocketAddress from && from.getAddress() != null
                ? from.getAddress()
                : "";
        channel.configureBlocking(false);
        key = channel.register(selector, SelectionKey.OP_READ, this);
        sinceNanos = nowNanos;
    }

    State state() {
        return state;
    }

    private void become(final State next, final long nowNanos) {
        state = next;
        sinceNanos = nowNanos;
        if (key.isValid()) {
            final boolean asks = next == State.ASKING || next == State.RESTING;
            final boolean reads = next == State.ENDING || (asks && !ended);
            key.interestOps(next == State.SENDING ? SelectionKey.OP_WRITE : reads ? SelectionKey.OP_READ : 0);
        }
    }

    boolean isOver(final long nowNanos) {
        return nowNanos - sinceNanos > TimeUnit.SECONDS.toNanos(state.limitSeconds());
    }

    @Override
    public boolean goesBefore(final HttpConnection other) {
        return state == other.state ? sinceNanos - other.sinceNanos < 0 : state.compareTo(other.state) < 0;
    }

    @Override
    public Object origin() {
        return origin;
    }

    /** Whether it has begun a request, or was to begin one. */
    boolean asks() {
        return state == State.ASKING;
    }

    /** Bytes that the client has not taken yet. */
    int owed() {
        return out.remaining();
    }

    /** Reads what has arrived; false if the client has gone and no request of it is left to answer. */
    boolean read(final long nowNanos) throws IOException {
        if (state == State.ENDING) {
            in.clear();
            final int more = channel.read(in);
            discarded += more;
            return more >= 0 && discarded <= DISCARDED_BYTES_MAX;
        }
        if (!in.hasRemaining() && in.capacity() < HEAD_BYTES_MAX) {
            in = ByteBuffer.allocate(2 * in.capacity()).put(in.flip());
        }
        final int count = in.hasRemaining() ? channel.read(in) : 0;
        if (count > 0 && state == State.RESTING) {
            become(State.ASKING, nowNanos);
        }
        if (count < 0) {
            ended = true;
            become(state, sinceNanos);
            return hasMore();
        }
        return true;
    }

    /** Takes out the next request; null if it is incomplete or another is being answered. */
    @Nullable HttpRequest next() throws HttpRequest.Refused {
        if (state != State.ASKING && state != State.RESTING) {
            return null;
        }
        final int bytes = headEnd.find(in);
        if (bytes == 0) {
            if (in.position() == HEAD_BYTES_MAX) {
                throw new HttpRequest.Refused(431, "a request has " + HEAD_BYTES_MAX + " bytes at most");
            }
            return null;
        }
        final byte[] head = new byte[bytes];
        in.flip();
        in.get(head);
        in.compact();
        headEnd.restart();
        final HttpRequest request = HttpRequest.parse(head);
        last = request.last();
        headOnly = request.isHead();
        return request;
    }

    /** The answer is being made. */
    void await(final long nowNanos) {
        become(State.WAITING, nowNanos);
    }

    /** Sends the answer to the request that was taken out, as far as the socket takes it. */
    void answer(final HttpAnswer answer, final long nowNanos) throws IOException {
        out = headOnly ? answer.head(last) : answer.bytes(last);
        become(State.SENDING, nowNanos);
        write(nowNanos);
    }

    /** Answers invalid input, and ends. */
    void refuse(final HttpAnswer answer, final long nowNanos) throws IOException {
        last = true;
        headOnly = false;
        answer(answer, nowNanos);
    }

    /** Sends as much as the socket takes. */
    void write(final long nowNanos) throws IOException {
        channel.write(out);
        if (out.hasRemaining()) {
            return;
        }
        out = NOTHING;
        if (last || (ended && headEnd.find(in) == 0)) {
            channel.shutdownOutput();
            become(State.ENDING, nowNanos);
        } else {
            become(in.position() == 0 ? State.RESTING : State.ASKING, nowNanos);
        }
    }

    /** Whether another request may have arrived with the last one. */
    boolean hasMore() {
        return state == State.ASKING && headEnd.find(in) > 0;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (final IOException e) {
            // Closed either way.
        }
    }
}
