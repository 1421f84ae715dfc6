package org.amverdict.telemetry;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The HTTP side: {@code /metrics}, {@code /health}, the status page and its {@code /status.json}. GET and HEAD alone, and
 * nothing here changes anything; two threads, a bounded queue of requests, and a request or an answer that takes too long is
 * cut off. It has no password, so it should listen on loopback; the page and its data, which name hosts and disks, are
 * answered only under an address ({@link StatusPage#namesThisHost}). Made, and closed, by the command that wires the
 * program.
 */
public final class MetricsServer implements AutoCloseable {
    private static final int THREADS = 2;
    private static final int WAITING_MAX = 16;
    private static final int BACKLOG = 16;
    private static final String PLAIN = "text/plain; charset=utf-8";
    private static final System.Logger LOG = System.getLogger("org.amverdict.telemetry");
    private static final String HTML = "text/html; charset=utf-8";
    private static final String JSON = "application/json";

    private final HttpServer server;
    private final ThreadPoolExecutor executor;
    private final Scrape metrics;
    private final Supplier<List<Integer>> missingQueues;
    private final Supplier<byte[]> status;
    private final StatusPage page = StatusPage.load();

    /** Writes all metrics in the given content type; {@link Metrics#scrape} in the program. */
    @FunctionalInterface
    public interface Scrape {
        void write(OutputStream out, String contentType) throws IOException;
    }

    private MetricsServer(
            final HttpServer server,
            final Scrape metrics,
            final Supplier<List<Integer>> missingQueues,
            final Supplier<byte[]> status) {
        this.server = server;
        this.metrics = metrics;
        this.missingQueues = missingQueues;
        this.status = status;
        final AtomicInteger threads = new AtomicInteger();
        executor = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                1,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING_MAX),
                task -> {
                    final Thread thread = new Thread(task, "amverdict-http-" + threads.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                },
                // The server knows no refusal: what is dropped here its timer closes after maxReqTime.
                new ThreadPoolExecutor.DiscardPolicy());
        executor.allowCoreThreadTimeOut(true);
    }

    /**
     * Listens.
     *
     * @param listen port 0 takes a free one
     * @param metrics called from the server's threads
     * @param missingQueues the configured queues that are not bound at the moment; called from the server's threads
     * @param status what {@code /status.json} answers, {@link StatusFeed#json} in the program; called from the server's
     *     threads
     * @throws IOException if the address is taken or not of this host; the message names it and what to do
     */
    public static MetricsServer start(
            final InetSocketAddress listen,
            final Scrape metrics,
            final Supplier<List<Integer>> missingQueues,
            final Supplier<byte[]> status)
            throws IOException {
        limitRequests();
        final HttpServer server;
        try {
            server = HttpServer.create(listen, BACKLOG);
        } catch (final BindException e) {
            throw new IOException(
                    "metrics.listen: cannot listen on " + text(listen) + ": " + e.getMessage()
                            + "; another process may have the port (ss -ltnp shows which), or the address is not of this"
                            + " host: change metrics.listen",
                    e);
        }
        final MetricsServer started = new MetricsServer(server, metrics, missingQueues, status);
        server.setExecutor(started.executor);
        server.createContext("/", started::handle);
        server.start();
        return started;
    }

    private static String text(final InetSocketAddress address) {
        final String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }

    /** The JDK's server takes its limits from system properties alone, once; what the operator has set is kept. */
    private static void limitRequests() {
        setDefault("sun.net.httpserver.maxReqTime", "5");
        setDefault("sun.net.httpserver.maxRspTime", "20");
        setDefault("sun.net.httpserver.idleInterval", "10");
        setDefault("sun.net.httpserver.maxReqHeaders", "64");
        setDefault("sun.net.httpserver.maxReqHeaderSize", "16384");
        setDefault("sun.net.httpserver.maxIdleConnections", "16");
        setDefault("jdk.httpserver.maxConnections", "64");
    }

    private static void setDefault(final String property, final String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /** Where it listens, with the port that was taken. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    private void handle(final HttpExchange exchange) throws IOException {
        try (exchange) {
            final String method = exchange.getRequestMethod();
            if (!"GET".equals(method) && !"HEAD".equals(method)) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                answer(exchange, 405, PLAIN, text("only GET and HEAD\n"));
                return;
            }
            switch (exchange.getRequestURI().getPath()) {
                case "/metrics" -> metrics(exchange);
                case "/health" -> health(exchange);
                case "/", "/status.json" -> status(exchange);
                default -> answer(exchange, 404, PLAIN, text("not found\n"));
            }
        }
    }

    private void status(final HttpExchange exchange) throws IOException {
        if (!StatusPage.namesThisHost(exchange.getRequestHeaders().getFirst("Host"))) {
            answer(
                    exchange,
                    421,
                    PLAIN,
                    text("ask for this page by address, such as http://127.0.0.1:"
                            + server.getAddress().getPort() + "/, and not by a name\n"));
            return;
        }
        exchange.getResponseHeaders().set("Cross-Origin-Resource-Policy", "same-origin");
        if ("/".equals(exchange.getRequestURI().getPath())) {
            page.allow(exchange.getResponseHeaders());
            answer(exchange, 200, HTML, page.html());
            return;
        }
        final byte[] body;
        try {
            body = status.get();
        } catch (final RuntimeException | LinkageError e) {
            LOG.log(System.Logger.Level.ERROR, "the status could not be read", e);
            answer(exchange, 500, PLAIN, text("the status could not be read; the log says why\n"));
            return;
        }
        answer(exchange, 200, JSON, body);
    }

    private void metrics(final HttpExchange exchange) throws IOException {
        final String accept = exchange.getRequestHeaders().getFirst("Accept");
        final String contentType =
                accept != null && accept.contains("application/openmetrics-text") ? Metrics.OPEN_METRICS : Metrics.TEXT;
        // Whole before the first byte is sent, so that a failure is a 500 and not half an answer.
        final ByteArrayOutputStream body = new ByteArrayOutputStream(64 * 1024);
        try {
            metrics.write(body, contentType);
        } catch (final RuntimeException | LinkageError e) {
            LOG.log(System.Logger.Level.ERROR, "the metrics could not be read", e);
            answer(exchange, 500, PLAIN, text("the metrics could not be read; the log says why\n"));
            return;
        }
        answer(exchange, 200, contentType, body.toByteArray());
    }

    private void health(final HttpExchange exchange) throws IOException {
        final List<Integer> missing = missingQueues.get();
        if (missing.isEmpty()) {
            answer(exchange, 200, PLAIN, text("ready\n"));
            return;
        }
        final String numbers = missing.stream().map(String::valueOf).collect(Collectors.joining(","));
        answer(exchange, 503, PLAIN, text("not ready: not bound: queues " + numbers + "\n"));
    }

    private static byte[] text(final String body) {
        return body.getBytes(StandardCharsets.UTF_8);
    }

    private static void answer(
            final HttpExchange exchange, final int status, final String contentType, final byte[] body)
            throws IOException {
        final Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", contentType);
        headers.set("Cache-Control", "no-store");
        headers.set("X-Content-Type-Options", "nosniff");
        if ("HEAD".equals(exchange.getRequestMethod())) {
            headers.set("Content-Length", Integer.toString(body.length));
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    /** Stops listening and cuts off what is being answered. */
    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }
}
