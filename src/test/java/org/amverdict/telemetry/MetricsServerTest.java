package org.amverdict.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class MetricsServerTest {
    private final List<AutoCloseable> open = new ArrayList<>();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private volatile List<Integer> missing = List.of();

    @AfterEach
    void close() throws Exception {
        for (final AutoCloseable each : open) {
            each.close();
        }
    }

    private MetricsServer start(final MetricsServer.Scrape scrape) throws IOException {
        final MetricsServer server =
                MetricsServer.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), scrape, () -> missing);
        open.add(server);
        return server;
    }

    private MetricsServer start() throws IOException {
        return start((out, type) -> out.write(("as " + type).getBytes(StandardCharsets.UTF_8)));
    }

    private HttpResponse<String> send(
            final MetricsServer server, final String method, final String path, final String... headers)
            throws IOException, InterruptedException {
        final HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.address().getPort() + path))
                .timeout(Duration.ofSeconds(10))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String header(final HttpResponse<?> response, final String name) {
        return response.headers().firstValue(name).orElse("");
    }

    @Test
    void shouldServeTheRealMetrics() throws Exception {
        final Metrics metrics = new Metrics(new SampleSources().sources());
        open.add(metrics);

        final HttpResponse<String> response = send(start(metrics::scrape), "GET", "/metrics");

        assertEquals(200, response.statusCode());
        assertEquals(Metrics.TEXT, header(response, "Content-Type"));
        assertTrue(response.body().contains("amverdict_enforcing 1"), response.body());
    }

    @Test
    void shouldChooseTheFormatByAccept() throws Exception {
        final HttpResponse<String> response = send(
                start(), "GET", "/metrics", "Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5");

        assertEquals("as " + Metrics.OPEN_METRICS, response.body());
        assertEquals(Metrics.OPEN_METRICS, header(response, "Content-Type"));
    }

    @Test
    void shouldAnswerHeadWithTheLengthAndNoBody() throws Exception {
        final HttpResponse<String> response = send(start(), "HEAD", "/metrics");

        assertEquals(200, response.statusCode());
        assertEquals("", response.body());
        assertEquals(Integer.toString(("as " + Metrics.TEXT).length()), header(response, "Content-Length"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "TRACE"})
    void shouldRefuseOtherMethods(final String method) throws Exception {
        final HttpResponse<String> response = send(start(), method, "/metrics");

        assertEquals(405, response.statusCode());
        assertEquals("GET, HEAD", header(response, "Allow"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/metrics/", "/metricsx", "/health/x", "/favicon.ico", "/.."})
    void shouldNotKnowOtherPaths(final String path) throws Exception {
        assertEquals(404, send(start(), "GET", path).statusCode());
    }

    /** A JDK of late 2026 refuses such a target before it asks us. */
    @Test
    void shouldNotServeADoubledSlash() throws Exception {
        final int status = send(start(), "GET", "//metrics").statusCode();

        assertTrue(status == 404 || status == 400, "status " + status);
    }

    @Test
    void shouldShowAnIndex() throws Exception {
        final HttpResponse<String> response = send(start(), "GET", "/");

        assertEquals(200, response.statusCode());
        assertTrue(response.body().contains("/metrics") && response.body().contains("/health"), response.body());
    }

    @Test
    void shouldBeReadyOnlyWhileEveryQueueIsBound() throws Exception {
        final MetricsServer server = start();
        missing = List.of(10, 12);
        final HttpResponse<String> before = send(server, "GET", "/health");
        missing = List.of();
        final HttpResponse<String> bound = send(server, "GET", "/health");
        missing = List.of(12);
        final HttpResponse<String> after = send(server, "GET", "/health");

        assertEquals(503, before.statusCode());
        assertEquals("not ready: not bound: queues 10,12\n", before.body());
        assertEquals(200, bound.statusCode());
        assertEquals("ready\n", bound.body());
        assertEquals(503, after.statusCode());
        assertEquals("not ready: not bound: queues 12\n", after.body());
    }

    @Test
    void shouldAnswer500WhenTheMetricsCannotBeRead() throws Exception {
        final MetricsServer server = start((out, type) -> {
            out.write('x');
            throw new IllegalStateException("on purpose, in a test");
        });

        final HttpResponse<String> response = send(server, "GET", "/metrics");

        assertEquals(500, response.statusCode());
        assertEquals("the metrics could not be read; the log says why\n", response.body());
    }

    @Test
    void shouldNameTheAddressAndARemedyWhenThePortIsTaken() throws Exception {
        final InetSocketAddress taken = start().address();

        final IOException thrown =
                assertThrows(IOException.class, () -> MetricsServer.start(taken, (out, type) -> {}, List::of));

        final String message = String.valueOf(thrown.getMessage());
        assertTrue(
                message.contains("127.0.0.1:" + taken.getPort()) && message.contains("change metrics.listen"), message);
    }

    @Test
    void shouldListenOnAnIpv6Literal() throws Exception {
        final MetricsServer server = MetricsServer.start(
                new InetSocketAddress(InetAddress.getAllByName("::1")[0], 0), (out, type) -> {}, List::of);
        open.add(server);

        final HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(
                                URI.create("http://[::1]:" + server.address().getPort() + "/health"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertEquals(200, response.statusCode());
    }

    @Test
    void shouldStopWithinASecondWhileARequestIsStuck() throws Exception {
        final CountDownLatch entered = new CountDownLatch(1);
        final CountDownLatch never = new CountDownLatch(1);
        final MetricsServer server = start((out, type) -> {
            entered.countDown();
            try {
                never.await();
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        final InetSocketAddress address = server.address();
        try (Socket stuck = new Socket(address.getAddress(), address.getPort())) {
            stuck.getOutputStream()
                    .write("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertTrue(entered.await(10, TimeUnit.SECONDS));

            final long start = System.nanoTime();
            server.close();
            final long tookMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);

            assertTrue(tookMillis < 1000, () -> String.format(Locale.ROOT, "close took %d ms", tookMillis));
            assertThrows(ConnectException.class, () -> new Socket(address.getAddress(), address.getPort()).close());
        }
    }

    @Test
    void shouldAnswerAgainAfterSlowClientsHeldEveryThread() throws Exception {
        final MetricsServer server = start();
        final InetSocketAddress address = server.address();
        for (int i = 0; i < 24; i++) {
            final Socket slow = new Socket(address.getAddress(), address.getPort());
            open.add(slow);
            slow.getOutputStream().write("GET /metrics HT".getBytes(StandardCharsets.US_ASCII));
        }

        final long start = System.nanoTime();
        int status = 0;
        while (status != 200 && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(25)) {
            try {
                status = send(server, "GET", "/health").statusCode();
            } catch (final IOException e) {
                Thread.sleep(100);
            }
        }

        assertEquals(200, status);
    }
}
