package org.amverdict.telemetry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.amverdict.http.HttpAnswer;
import org.amverdict.http.HttpLoop;
import org.amverdict.http.HttpLoop.Lane;
import org.amverdict.http.HttpRequest;
import org.amverdict.incidents.Incidents;

/**
 * The HTTP side: {@code /metrics}, {@code /health}, the status page and what it fetches. It is read-only and
 * takes only GET and HEAD; {@link HttpLoop} sets the limits. {@code /health} never waits for other clients. There is no
 * password, so it should listen on loopback; the page and its data, which name hosts and disks, are served only under
 * an address ({@link StatusPage#namesThisHost}). Made, and closed, by the command that wires the program.
 */
public final class StatusServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("org.amverdict.telemetry");
    private static final String HTML = "text/html; charset=utf-8";
    private static final String JSON = "application/json";

    private final HttpLoop loop;
    private final Scrape metrics;
    private final Supplier<List<Integer>> missingQueues;
    private final Pages pages;
    private final StatusPage page = StatusPage.load();

    /** Writes all metrics in the given content type; {@link Metrics#scrape} in the program. */
    @FunctionalInterface
    public interface Scrape {
        void write(OutputStream out, String contentType) throws IOException;
    }

    /**
     * What the page fetches; called from the server's threads.
     *
     * @param status the answer of {@code /status.json}, {@link StatusFeed#json} in the program
     * @param history the answer of {@code /history.json}, {@link VerdictHistory#json} in the program
     * @param search the answer of {@code /search.json}, {@link StatusSearch#json} in the program
     */
    public record Pages(Supplier<byte[]> status, Supplier<String> history, Function<StatusQuery, byte[]> search) {}

    private StatusServer(
            final InetSocketAddress listen,
            final Incidents incidents,
            final Scrape metrics,
            final Supplier<List<Integer>> missingQueues,
            final Pages pages)
            throws IOException {
        this.metrics = metrics;
        this.missingQueues = missingQueues;
        this.pages = pages;
        loop = HttpLoop.bind(listen, this::route, incidents);
    }

    /**
     * Listens.
     *
     * @param listen port 0 takes a free one
     * @param incidents counts the connections that are cut off
     * @param metrics called from the server's threads
     * @param missingQueues the configured queues that are not bound, or whose worker is stuck, now; called from the
     *     server's threads, and quick
     * @param pages what the page fetches
     * @throws IOException if the address is taken or not on this host; the message names it and what to do
     */
    public static StatusServer start(
            final InetSocketAddress listen,
            final Incidents incidents,
            final Scrape metrics,
            final Supplier<List<Integer>> missingQueues,
            final Pages pages)
            throws IOException {
        try {
            final StatusServer server = new StatusServer(listen, incidents, metrics, missingQueues, pages);
            server.loop.start();
            return server;
        } catch (final BindException e) {
            throw new IOException(
                    "metrics.listen: cannot listen on " + text(listen) + ": " + e.getMessage()
                            + "; another process may have the port (ss -ltnp shows which), or the address is not of this"
                            + " host: change metrics.listen",
                    e);
        }
    }

    private static String text(final InetSocketAddress address) {
        final String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }

    /** The address it listens on, with the actual port. */
    public InetSocketAddress address() {
        return loop.address();
    }

    private HttpLoop.Reply route(final HttpRequest request) {
        if (!request.isReading()) {
            return HttpLoop.Reply.at(HttpAnswer.text(405, "only GET and HEAD").with("Allow", "GET, HEAD"));
        }
        return switch (request.path()) {
            case "/metrics" -> {
                final String type = metricsType(request);
                yield new HttpLoop.Reply("metrics as " + type, Lane.FIXED, () -> metrics(type));
            }
            case "/health" -> HttpLoop.Reply.at(health());
            case "/" -> mayShow(request) ? HttpLoop.Reply.at(page()) : misdirected();
            case "/status.json" -> data(request, "status", Lane.FIXED, pages.status());
            case "/history.json" ->
                data(request, "history", Lane.FIXED, () -> pages.history().get().getBytes(StandardCharsets.UTF_8));
            case "/search.json" -> {
                final StatusQuery query = StatusQuery.of(request.parameters());
                yield data(
                        request,
                        query.toString(),
                        Lane.MADE_UP,
                        () -> pages.search().apply(query));
            }
            default -> HttpLoop.Reply.at(HttpAnswer.text(404, "not found"));
        };
    }

    /** An answer with addresses in it, or a refusal. */
    private HttpLoop.Reply data(
            final HttpRequest request, final String kind, final Lane lane, final Supplier<byte[]> json) {
        return mayShow(request) ? new HttpLoop.Reply(kind, lane, () -> json(json)) : misdirected();
    }

    private static boolean mayShow(final HttpRequest request) {
        return StatusPage.namesThisHost(request.header("host"));
    }

    private HttpLoop.Reply misdirected() {
        return HttpLoop.Reply.at(HttpAnswer.text(
                421,
                "ask for this page by address, such as http://127.0.0.1:"
                        + address().getPort() + "/, and not by a name"));
    }

    private HttpAnswer page() {
        return page.allow(sameOrigin(HttpAnswer.of(200, HTML, page.html())));
    }

    private static HttpAnswer sameOrigin(final HttpAnswer answer) {
        return answer.with("Cross-Origin-Resource-Policy", "same-origin");
    }

    private static HttpAnswer json(final Supplier<byte[]> json) {
        final byte[] body;
        try {
            body = json.get();
        } catch (final RuntimeException | LinkageError e) {
            LOG.log(System.Logger.Level.ERROR, "the status could not be read", e);
            return HttpAnswer.text(500, "the status could not be read; the log says why");
        }
        return sameOrigin(HttpAnswer.of(200, JSON, body));
    }

    private static String metricsType(final HttpRequest request) {
        final String accept = request.header("accept");
        return accept != null && accept.contains("application/openmetrics-text") ? Metrics.OPEN_METRICS : Metrics.TEXT;
    }

    private HttpAnswer metrics(final String contentType) {
        // Complete before the first byte is sent, so that a failure gives a 500 and not half an answer.
        final ByteArrayOutputStream body = new ByteArrayOutputStream(64 * 1024);
        try {
            metrics.write(body, contentType);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        } catch (final RuntimeException | LinkageError e) {
            LOG.log(System.Logger.Level.ERROR, "the metrics could not be read", e);
            return HttpAnswer.text(500, "the metrics could not be read; the log says why");
        }
        return HttpAnswer.of(200, contentType, body.toByteArray());
    }

    private HttpAnswer health() {
        final List<Integer> missing = missingQueues.get();
        if (missing.isEmpty()) {
            return HttpAnswer.text(200, "ready");
        }
        final String numbers = missing.stream().map(String::valueOf).collect(Collectors.joining(","));
        return HttpAnswer.text(503, "not ready: no worker serves queues " + numbers);
    }

    /** Stops listening and cuts off what is being answered. */
    @Override
    public void close() {
        loop.close();
    }
}
