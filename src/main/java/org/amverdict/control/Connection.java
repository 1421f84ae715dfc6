package org.amverdict.control;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Iterator;
import org.amverdict.events.EventFeed;
import org.amverdict.json.JsonLine;
import org.amverdict.loop.Client;
import org.jspecify.annotations.Nullable;

/** One client at the control socket. For the server's thread. */
final class Connection implements Client<Connection> {
    private static final int CHUNK_BYTES = 32 * 1024;
    private static final int EVENTS_MAX = 256;
    /** Most chunks sent in one turn, before the others get theirs. */
    private static final int CHUNKS_MAX = 16;

    /** An answer may take as many times as long as one wait for the client. */
    private static final int WAITS_MAX = 30;
    /** Most input of a watcher, which has nothing to send. */
    static final int WATCHER_BYTES_MAX = 64 * 1024;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SocketChannel channel;
    private final ByteBuffer in;
    private @Nullable SelectionKey key;
    private Iterator<String> lines = Collections.emptyIterator();
    private ByteBuffer out = NOTHING;
    private Answers.Answer.@Nullable Watch watch;
    private long lost;
    private boolean awaiting;
    /** The client sends nothing more, and may still want its answers. */
    private boolean ended;
    /** Bytes of {@link #in} that hold no line end. */
    private int searched;

    private int ignored;
    private long askedNanos;
    private long answeredNanos;
    private long movedNanos;

    Connection(final SocketChannel channel, final int lineBytes, final long nowNanos) {
        this.channel = channel;
        in = ByteBuffer.allocate(lineBytes);
        askedNanos = nowNanos;
        answeredNanos = nowNanos;
        movedNanos = nowNanos;
    }

    void register(final Selector selector) throws IOException {
        key = channel.register(selector, SelectionKey.OP_READ, this);
    }

    @Override
    public Object origin() {
        return this; // the kernel says which process it is; all of them may do the same
    }

    /** Reads what has arrived; false if the client has gone and nothing of it is left to answer. */
    boolean read() throws IOException {
        if (watch != null) {
            in.clear(); // only its end matters
            final int count = channel.read(in);
            ignored += count;
            return count >= 0;
        }
        if (!in.hasRemaining()) {
            setInterest(SelectionKey.OP_READ, false); // until a request is taken out
            return true;
        }
        if (channel.read(in) < 0) {
            ended = true;
            setInterest(SelectionKey.OP_READ, false);
        }
        return !finished();
    }

    /** Whether the client has ended its side, and has every answer. */
    boolean finished() {
        return ended && !awaiting && !out.hasRemaining() && !lines.hasNext() && (watch != null || lineEnd() < 0);
    }

    /** Whether it sends although it watches. */
    boolean sendsTooMuch() {
        return ignored > WATCHER_BYTES_MAX;
    }

    /** Whether the buffer is full and holds no whole request. */
    boolean tooLong() {
        return !in.hasRemaining() && lineEnd() < 0;
    }

    private int lineEnd() {
        // Each byte once, however small the pieces are.
        while (searched < in.position()) {
            if (in.get(searched) == '\n') {
                return searched;
            }
            searched++;
        }
        return -1;
    }

    /** Takes out the next request; null if none is complete. */
    @Nullable Request nextRequest(final long nowNanos) throws Request.BadRequestException {
        final int end = lineEnd();
        if (end < 0) {
            return null;
        }
        askedNanos = nowNanos;
        final byte[] line = new byte[end];
        in.flip();
        in.get(line).get();
        in.compact();
        searched = 0;
        setInterest(SelectionKey.OP_READ, !ended);
        return Request.parse(ByteBuffer.wrap(line));
    }

    void answer(final Iterator<String> answer, final long nowNanos) {
        awaiting = false;
        answeredNanos = nowNanos;
        lines = answer;
    }

    /** The answer comes later. */
    void await() {
        awaiting = true;
    }

    void watch(final Answers.Answer.Watch events) {
        watch = events;
        lines = Collections.singleton(new JsonLine().add("watching", true).end())
                .iterator();
    }

    boolean watching() {
        return watch != null;
    }

    /** Whether the next request must wait. */
    boolean busy() {
        return awaiting || watch != null;
    }

    /** Sends as much as the socket takes, within limits; true if nothing is left. */
    boolean write(final long nowNanos) throws IOException {
        for (int chunks = 0; chunks < CHUNKS_MAX; chunks++) {
            if (!out.hasRemaining()) {
                if (!fill()) {
                    setInterest(SelectionKey.OP_WRITE, false);
                    return true;
                }
                movedNanos = nowNanos;
            }
            if (channel.write(out) > 0) {
                movedNanos = nowNanos;
            }
            if (out.hasRemaining()) {
                break;
            }
        }
        setInterest(SelectionKey.OP_WRITE, true);
        return false;
    }

    /** Makes the next bytes; false if there are none. */
    private boolean fill() {
        final StringBuilder text = new StringBuilder();
        while (lines.hasNext() && text.length() < CHUNK_BYTES) {
            text.append(lines.next()).append('\n');
        }
        final Answers.Answer.Watch watched = watch;
        if (text.length() == 0 && watched != null) {
            addEvents(text, watched);
        }
        out = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
        return out.hasRemaining();
    }

    private void addEvents(final StringBuilder text, final Answers.Answer.Watch watched) {
        final EventFeed.Subscription events = watched.events();
        try {
            for (int i = 0; i < EVENTS_MAX && text.length() < CHUNK_BYTES; i++) {
                final String event = events.poll(0);
                if (event == null) {
                    break;
                }
                text.append(event).append('\n');
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        final long nowLost = events.lost();
        if (nowLost > lost) {
            text.append(ControlServer.lost(nowLost - lost)).append('\n');
            lost = nowLost;
        }
    }

    /** Whether it has not read any of its answer for that long, or reads it piece by piece for much longer. */
    boolean stalled(final long limitNanos, final long nowNanos) {
        return out.hasRemaining()
                && (nowNanos - movedNanos > limitNanos
                        || (watch == null && nowNanos - answeredNanos > WAITS_MAX * limitNanos));
    }

    /** Whether it has sent no request for that long and waits for nothing. */
    boolean idle(final long limitNanos, final long nowNanos) {
        return !busy()
                && !out.hasRemaining()
                && nowNanos - askedNanos > limitNanos
                && nowNanos - movedNanos > limitNanos;
    }

    /** Idle ones, then those that may have gone while they wait, then waiting ones; of each the longest quiet. */
    @Override
    public boolean goesBefore(final Connection other) {
        return worth() == other.worth()
                ? Math.max(askedNanos, movedNanos) - Math.max(other.askedNanos, other.movedNanos) < 0
                : worth() < other.worth();
    }

    private int worth() {
        final int waiting = ended ? 1 : 2;
        return waits() ? waiting : 0;
    }

    /** Whether it has a request that is not fully answered. */
    private boolean waits() {
        return busy() || out.hasRemaining();
    }

    /** Sends a last line, if the socket takes it at once. */
    void say(final String line) {
        try {
            if (!out.hasRemaining()) {
                channel.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
            }
        } catch (final IOException e) {
            // The client no longer reads.
        }
    }

    private void setInterest(final int operation, final boolean wanted) {
        final SelectionKey registered = key;
        if (registered != null && registered.isValid()) {
            registered.interestOps(
                    wanted ? registered.interestOps() | operation : registered.interestOps() & ~operation);
        }
    }

    @Override
    public void close() {
        final Answers.Answer.Watch watched = watch;
        if (watched != null) {
            watched.events().close();
            watch = null;
        }
        try {
            channel.close();
        } catch (final IOException e) {
            // Closed either way.
        }
    }
}
