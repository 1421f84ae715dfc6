package org.amverdict.control;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.function.Consumer;
import org.amverdict.control.ControlException.Kind;
import org.amverdict.json.JsonLine;
import org.amverdict.json.JsonObject;
import org.amverdict.text.Printable;
import org.jspecify.annotations.Nullable;

/** Asks a running daemon at its control socket. For one thread. */
public final class ControlClient implements AutoCloseable {
    /** Longest wait for an answer: a reload waits for every worker. */
    private static final long ANSWER_MILLIS = 30_000;

    private static final int LINE_BYTES_MAX = 4 << 20;
    /** Of an error that is printed. */
    private static final int ERROR_CHARACTERS_MAX = 1000;

    private final Path path;
    private final SocketChannel channel;
    private final Selector selector;
    private final ByteBuffer in = ByteBuffer.allocate(64 * 1024).flip();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    private ControlClient(final Path path, final SocketChannel channel, final Selector selector) {
        this.path = path;
        this.channel = channel;
        this.selector = selector;
    }

    /** Connects to the daemon that listens there. */
    public static ControlClient connect(final Path path) throws ControlException {
        try {
            final SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(path));
                channel.configureBlocking(false);
                final Selector selector = Selector.open();
                channel.register(selector, SelectionKey.OP_READ);
                return new ControlClient(path, channel, selector);
            } catch (final IOException | IllegalArgumentException e) {
                channel.close();
                throw e;
            }
        } catch (final BindException e) {
            throw new ControlException(Kind.NO_PERMISSION, "not permitted to use " + path + ": " + groupOf(path));
        } catch (final ConnectException e) {
            throw notRunning("nobody listens at " + path);
        } catch (final IOException | IllegalArgumentException e) {
            throw notRunning((Files.exists(path) ? "no answer at " : "there is no socket ") + path);
        }
    }

    /** The daemon's own group, which is root's or that of a dynamic user, is nobody's to join. */
    private static String groupOf(final Path path) {
        try {
            final String group = Files.readAttributes(path, PosixFileAttributes.class)
                    .group()
                    .getName();
            return group.equals("root") || group.equals("amverdict") || group.matches("[0-9]+")
                    ? "it is for root; try sudo, or set control.group for users who are not root"
                    : "it is for root and the group " + group + "; try sudo, or: adduser USER " + group;
        } catch (final IOException | UnsupportedOperationException e) {
            return "it is for root and for the group of the socket; try sudo";
        }
    }

    private static ControlException notRunning(final String what) {
        return new ControlException(
                Kind.NOT_RUNNING,
                what + ", so the daemon does not run, or has another control.socket;"
                        + " start it (systemctl start amverdict, or amverdict run), or name its socket with --socket or its"
                        + " configuration with -c");
    }

    /** Asks for one line. */
    public String askLine(final JsonLine request) throws ControlException {
        send(request);
        return nextAnswer();
    }

    /** Asks for one line and reads it. */
    public JsonObject ask(final JsonLine request) throws ControlException {
        return JsonObject.parse(askLine(request));
    }

    /** Requests a list; each item is one line. */
    public void askList(final JsonLine request, final Consumer<String> items) throws ControlException {
        send(request);
        for (String answer = nextAnswer(); !answer.startsWith("{\"end\":"); answer = nextAnswer()) {
            items.accept(answer);
        }
    }

    /** Begins to watch; {@link #next} then returns the events. */
    public void watch(final JsonLine request) throws ControlException {
        askLine(request);
    }

    private void send(final JsonLine request) throws ControlException {
        final ByteBuffer out = ByteBuffer.wrap((request.end() + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            // A request is smaller than any socket buffer.
            while (out.hasRemaining()) {
                channel.write(out);
            }
        } catch (final IOException e) {
            throw gone();
        }
    }

    private String nextAnswer() throws ControlException {
        final String answer = next(ANSWER_MILLIS);
        if (answer == null) {
            throw new ControlException(
                    Kind.BROKEN, "no answer at " + path + " for " + ANSWER_MILLIS / 1000 + " s; is the daemon stuck?");
        }
        if (answer.startsWith("{\"error\":")) {
            throw new ControlException(
                    Kind.REFUSED, Printable.of(JsonObject.parse(answer).text("error"), ERROR_CHARACTERS_MAX));
        }
        return answer;
    }

    /** The next line, or null if none came in that time. */
    public @Nullable String next(final long timeoutMillis) throws ControlException {
        final long startNanos = System.nanoTime();
        try {
            while (true) {
                while (in.hasRemaining()) {
                    final byte b = in.get();
                    if (b == '\n') {
                        final String text = line.toString(StandardCharsets.UTF_8);
                        line.reset();
                        return text;
                    }
                    // The daemon writes ASCII; another program there gets no way to the terminal by --json.
                    line.write(b >= ' ' && b < 0x7f ? b : '?');
                    if (line.size() > LINE_BYTES_MAX) {
                        throw new ControlException(Kind.BROKEN, "too long an answer at " + path);
                    }
                }
                final long leftMillis = timeoutMillis - (System.nanoTime() - startNanos) / 1_000_000;
                if (leftMillis <= 0) {
                    return null;
                }
                receive(leftMillis);
            }
        } catch (final IOException e) {
            throw gone();
        }
    }

    private void receive(final long timeoutMillis) throws IOException, ControlException {
        selector.select(timeoutMillis);
        selector.selectedKeys().clear();
        in.clear();
        final int count = channel.read(in);
        in.flip();
        if (count < 0) {
            throw gone();
        }
    }

    private ControlException gone() {
        return new ControlException(Kind.BROKEN, "the daemon at " + path + " has closed the connection");
    }

    @Override
    public void close() {
        try {
            selector.close();
            channel.close();
        } catch (final IOException e) {
            // Closed either way.
        }
    }
}
