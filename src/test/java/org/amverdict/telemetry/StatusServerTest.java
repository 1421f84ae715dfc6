package org.amverdict.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amverdict.engine.Reason;
import org.amverdict.incidents.Incident;
import org.amverdict.incidents.Incidents;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class StatusServerTest {
    private final List<AutoCloseable> open = new ArrayList<>();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static final byte[] NOTHING = {};
    private static final StatusServer.Pages PAGES = new StatusServer.Pages(() -> NOTHING, () -> "", query -> NOTHING);

    private volatile List<Integer> missing = List.of();
    private final Incidents incidents = new Incidents();
    private volatile Supplier<byte[]> status = () -> "{}".getBytes(StandardCharsets.UTF_8);

    @AfterEach
    void close() throws Exception {
        for (final AutoCloseable each : open) {
            each.close();
        }
    }

    private StatusServer start(final StatusServer.Scrape scrape) throws IOException {
        final StatusServer server = StatusServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                incidents,
                scrape,
                () -> missing,
                new StatusServer.Pages(
                        () -> status.get(),
                        () -> "{\"seconds\":1}",
                        query -> query.toString().getBytes(StandardCharsets.UTF_8)));
        open.add(server);
        return server;
    }

    private StatusServer start() throws IOException {
        return start((out, type) -> out.write(("as " + type).getBytes(StandardCharsets.UTF_8)));
    }

    private HttpResponse<String> send(
            final StatusServer server, final String method, final String path, final String... headers)
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
        final Metrics metrics = new Metrics(new SharedFigures(new SampleSources().sources()));
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
    void shouldShowThePageWithAPolicyThatAllowsNothingElse() throws Exception {
        final HttpResponse<String> response = send(start(), "GET", "/");

        assertEquals(200, response.statusCode());
        assertEquals("text/html; charset=utf-8", header(response, "Content-Type"));
        assertTrue(response.body().contains("/metrics") && response.body().contains("/health"), response.body());
        final String policy = header(response, "Content-Security-Policy");
        assertTrue(
                policy.matches("default-src 'none'; script-src 'sha256-[^']{44}'; style-src 'sha256-[^']{44}';"
                        + " connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none';"
                        + " frame-ancestors 'none'"),
                policy);
        assertEquals("DENY", header(response, "X-Frame-Options"));
        assertEquals("nosniff", header(response, "X-Content-Type-Options"));
    }

    /** Whatever the page is made of is in the page. */
    @Test
    void shouldAskForNothingFromElsewhere() throws Exception {
        final String page = send(start(), "GET", "/").body();

        assertFalse(Pattern.compile("(?i)https?:|(src|srcset)=|url\\(|@import|<iframe|<object|innerHTML|eval\\(")
                .matcher(page)
                .find());
        assertEquals(1, page.split("<script", -1).length - 1);
        assertEquals(1, page.split("<style", -1).length - 1);
        assertFalse(Pattern.compile("\\son\\w+=|\\sstyle=").matcher(page).find(), "the policy would forbid it");
    }

    @Test
    void shouldKnowTheReasonsOfWhatIsNotAmandas() throws Exception {
        final String other = Stream.of(Reason.values())
                .filter(Reason::isOther)
                .map(reason -> '"' + reason.label() + '"')
                .collect(Collectors.joining(", "));

        assertTrue(send(start(), "GET", "/").body().contains("const OTHER = new Set([" + other + "]);"), other);
    }

    @Test
    void shouldAnswerTheStatusAsJson() throws Exception {
        final StatusServer server = start();
        final HttpResponse<String> response = send(server, "GET", "/status.json");

        assertEquals(200, response.statusCode());
        assertEquals("{}", response.body());
        assertEquals("application/json", header(response, "Content-Type"));
        assertEquals("no-store", header(response, "Cache-Control"));
        assertEquals("same-origin", header(response, "Cross-Origin-Resource-Policy"));
        assertEquals("", header(response, "Access-Control-Allow-Origin"));

        status = () -> {
            throw new IllegalStateException("on purpose, in a test");
        };
        assertEquals(500, send(server, "GET", "/status.json").statusCode());
    }

    /** DNS rebinding: the browser sends the name of a stranger's site, which now points here. */
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:9897, 200",
        "127.0.0.1, 200",
        "192.0.2.1:9897, 200",
        "[::1]:9897, 200",
        "LOCALHOST:9897, 200",
        "firewall.localhost, 200",
        "rebound.example:9897, 421",
        "127.0.0.1.rebound.example, 421",
        "1.2.3.4x, 421",
        "localhost.rebound.example, 421",
        "xlocalhost, 421",
        "[::1].rebound.example, 421",
        "'', 421"
    })
    void shouldShowHostsAndDisksOnlyUnderAnAddress(final String host, final int expected) throws Exception {
        final StatusServer server = start();

        assertEquals(expected, rawStatus(server, "/status.json", host));
        assertEquals(expected, rawStatus(server, "/", host));
        assertEquals(200, rawStatus(server, "/metrics", host), "scrapers come by name");
        assertEquals(200, rawStatus(server, "/health", host));
    }

    /** The JDK's client does not let callers choose the Host. */
    private static int rawStatus(final StatusServer server, final String path, final String host) throws IOException {
        try (Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort())) {
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            final String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return Integer.parseInt(answer.split(" ", 3)[1]);
        }
    }

    @Test
    void shouldBeReadyOnlyWhileEveryQueueIsBound() throws Exception {
        final StatusServer server = start();
        missing = List.of(10, 12);
        final HttpResponse<String> before = send(server, "GET", "/health");
        missing = List.of();
        final HttpResponse<String> bound = send(server, "GET", "/health");
        missing = List.of(12);
        final HttpResponse<String> after = send(server, "GET", "/health");

        assertEquals(503, before.statusCode());
        assertEquals("not ready: no worker serves queues 10,12\n", before.body());
        assertEquals(200, bound.statusCode());
        assertEquals("ready\n", bound.body());
        assertEquals(503, after.statusCode());
        assertEquals("not ready: no worker serves queues 12\n", after.body());
    }

    @Test
    void shouldAnswer500WhenTheMetricsCannotBeRead() throws Exception {
        final StatusServer server = start((out, type) -> {
            out.write('x');
            throw new IllegalStateException("on purpose, in a test");
        });

        final HttpResponse<String> response = send(server, "GET", "/metrics");

        assertEquals(500, response.statusCode());
        assertEquals("the metrics could not be read; the log says why\n", response.body());
    }

    @Test
    void shouldPassOnWhatIsSearchedFor() throws Exception {
        final StatusServer server = start();

        assertEquals(
                StatusQuery.of(Map.of("text", "a b&c", "host", "2001:db8::1", "failed", "true"))
                        .toString(),
                send(server, "GET", "/search.json?text=a+b%26c&host=2001%3Adb8%3A%3A1&failed=true&x=y&text=z")
                        .body());
        assertEquals("{\"seconds\":1}", send(server, "GET", "/history.json?a=b").body());
        assertEquals("same-origin", header(send(server, "GET", "/search.json"), "Cross-Origin-Resource-Policy"));
    }

    /** All of them name hosts. */
    @ParameterizedTest
    @ValueSource(strings = {"/status.json", "/history.json", "/search.json?text=a"})
    void shouldAnswerOnlyUnderAnAddress(final String path) throws Exception {
        final StatusServer server = start();
        assertEquals(200, send(server, "GET", path).statusCode());
        assertEquals(421, rawStatus(server, path, "evil.example"));
    }

    /** More different searches at once than are made at once: some are asked to come again, and none is left waiting. */
    @Test
    void shouldAnswerEveryOneOfManyDifferentSearches() throws Exception {
        final CountDownLatch go = new CountDownLatch(1);
        final StatusServer server = StatusServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                incidents,
                (out, type) -> {},
                List::of,
                new StatusServer.Pages(() -> NOTHING, () -> "", query -> {
                    try {
                        go.await(10, TimeUnit.SECONDS);
                    } catch (final InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return query.text().getBytes(StandardCharsets.UTF_8);
                }));
        open.add(server);
        final List<CompletableFuture<HttpResponse<String>>> asked = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            asked.add(client.sendAsync(
                    HttpRequest.newBuilder(URI.create(
                                    "http://127.0.0.1:" + server.address().getPort() + "/search.json?text=t" + i))
                            .build(),
                    HttpResponse.BodyHandlers.ofString()));
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
        go.countDown();

        int found = 0;
        for (int i = 0; i < asked.size(); i++) {
            final HttpResponse<String> response = asked.get(i).get(10, TimeUnit.SECONDS);
            assertTrue(response.statusCode() == 200 || response.statusCode() == 503, response.toString());
            if (response.statusCode() == 200) {
                assertEquals("t" + i, response.body());
                found++;
            }
        }
        assertTrue(found >= 16, found + " found");
    }

    @Test
    void shouldNameTheAddressAndARemedyWhenThePortIsTaken() throws Exception {
        final InetSocketAddress taken = start().address();

        final IOException thrown = assertThrows(
                IOException.class, () -> StatusServer.start(taken, incidents, (out, type) -> {}, List::of, PAGES));

        final String message = String.valueOf(thrown.getMessage());
        assertTrue(
                message.contains("127.0.0.1:" + taken.getPort()) && message.contains("change metrics.listen"), message);
    }

    @Test
    void shouldListenOnAnIpv6Literal() throws Exception {
        final StatusServer server = StatusServer.start(
                new InetSocketAddress(InetAddress.getAllByName("::1")[0], 0),
                incidents,
                (out, type) -> {},
                List::of,
                PAGES);
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
        final StatusServer server = start((out, type) -> {
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

    /** A client that sends what it likes, as slowly as it likes. */
    private Socket connect(final StatusServer server) throws IOException {
        final Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort());
        socket.setSoTimeout(10_000);
        open.add(socket);
        return socket;
    }

    private static void say(final Socket socket, final String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void assertHealthyWithinASecond(final StatusServer server, final String meanwhile) throws Exception {
        for (int i = 0; i < 3; i++) {
            final long start = System.nanoTime();
            final int answered = rawStatus(server, "/health", "127.0.0.1");
            final long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            assertEquals(200, answered, meanwhile);
            assertTrue(millis < 1000, meanwhile + ": " + millis + " ms");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 64, 300})
    void shouldBeHealthyWithinASecondWhileOthersHoldHalfRequests(final int others) throws Exception {
        final StatusServer server = start();
        for (int i = 0; i < others; i++) {
            say(connect(server), i % 3 == 0 ? "" : i % 3 == 1 ? "GET /metrics HT" : "GET / HTTP/1.1\r\nHost: x\r\n");
        }

        assertHealthyWithinASecond(server, others + " half requests");
        final HttpResponse<String> scrape = send(server, "GET", "/metrics");
        assertEquals(200, scrape.statusCode());
        assertTrue(incidents.of(Incident.HTTP_CUT_OFF) >= others - 128, "each that made room is counted");
        assertTrue(others > 128 || incidents.of(Incident.HTTP_CUT_OFF) == 0, "no other is");
    }

    @Test
    void shouldBeHealthyWithinASecondWhileOthersDoNotTakeTheirAnswers() throws Exception {
        final byte[] large = new byte[1 << 20];
        final StatusServer server = start((out, type) -> out.write(large));
        for (int i = 0; i < 64; i++) {
            say(connect(server), "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
        }

        assertHealthyWithinASecond(server, "64 slow readers");
        assertEquals(large.length, send(server, "GET", "/metrics").body().length());
    }

    @Test
    void shouldCountTheSlowReadersThatItCutsOff() throws Exception {
        final byte[] large = new byte[8 << 20];
        final StatusServer server = start((out, type) -> out.write(large));
        for (int i = 0; i < 8; i++) {
            say(connect(server), "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
        }

        Awaitility.await().until(() -> incidents.of(Incident.HTTP_CUT_OFF) > 0);

        assertEquals(large.length, send(server, "GET", "/metrics").body().length());
    }

    @Test
    void shouldBeHealthyWithinASecondWhileOthersSendByteByByte() throws Exception {
        final StatusServer server = start();
        final List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            slow.add(connect(server));
        }
        final String request = "GET /metrics HTTP/1.1\r\nHost: x\r\n";
        for (int i = 0; i < request.length(); i++) {
            for (final Socket socket : slow) {
                say(socket, request.substring(i, i + 1));
            }
            if (i % 8 == 0) {
                assertHealthyWithinASecond(server, "64 that send byte by byte, at " + i);
            }
        }
        for (final Socket socket : slow) {
            say(socket, "\r\n");
            assertEquals('H', socket.getInputStream().read(), "in the end each is answered");
        }
    }

    @Test
    void shouldBeHealthyWithinASecondWhileAScrapeIsStuck() throws Exception {
        final CountDownLatch never = new CountDownLatch(1);
        final StatusServer server = start((out, type) -> {
            try {
                never.await();
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        for (int i = 0; i < 40; i++) {
            say(connect(server), "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
        }

        assertHealthyWithinASecond(server, "a stuck scrape");
        assertEquals(200, rawStatus(server, "/status.json", "127.0.0.1"));
    }

    /** Many that ask at once share an answer, so their number is no load. */
    @Test
    void shouldMakeOneAnswerForAllThatWaitForIt() throws Exception {
        final AtomicInteger scrapes = new AtomicInteger();
        final StatusServer server = start((out, type) -> {
            scrapes.incrementAndGet();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            out.write('x');
        });
        final List<Socket> all = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            all.add(connect(server));
            say(all.get(i), "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        }
        for (final Socket socket : all) {
            final String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n") && answer.endsWith("\r\n\r\nx"), answer);
        }
        assertTrue(scrapes.get() <= 4, scrapes + " scrapes");
    }

    @Test
    void shouldEndWhatIsNeverAskedWhole() throws Exception {
        final Socket half = connect(start());
        say(half, "GET /health HTTP/1.1\r\nHo");
        final long start = System.nanoTime();

        assertEquals(-1, half.getInputStream().read());

        final long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
        assertTrue(seconds >= 4 && seconds < 8, seconds + " s");
    }

    @Test
    void shouldAnswerOneAfterTheOtherOnOneConnection() throws Exception {
        final Socket socket = connect(start());
        final String four = String.join(
                "||",
                "GET /health HTTP/1.1|Host: x",
                "HEAD /metrics HTTP/1.1",
                "GET /metrics HTTP/1.1",
                "|GET /no HTTP/1.1|Connection: close",
                "");
        say(socket, four.replace("|", "\r\n"));

        final String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertEquals(
                List.of("200", "200", "200", "404"),
                Pattern.compile("HTTP/1\\.1 (\\d+) ")
                        .matcher(answers)
                        .results()
                        .map(found -> found.group(1))
                        .toList(),
                answers);
        assertEquals(2, answers.split("ready\n|as text/plain", -1).length - 1, "HEAD has no body: " + answers);
    }

    @ParameterizedTest
    @CsvSource({
        "'GET  /health HTTP/1.1', 400",
        "'GET /health', 400",
        "'GET /health HTTP/1.1 x', 400",
        "'GET /health HTTP/2.0', 505",
        "'GET /health HTPP/1.1', 400",
        "'G@T /health HTTP/1.1', 400",
        "'GET /hea lth HTTP/1.1', 400",
        "'GET \u0001 HTTP/1.1', 400",
        "'GET %zz HTTP/1.1', 400",
        "'GET mailto:x HTTP/1.1', 400",
        "'GET http://127.0.0.1/health HTTP/1.1', 200",
        "'GET /health?x=/metrics HTTP/1.1', 200",
        "'GET /%68ealth HTTP/1.1', 200",
        "'OPTIONS * HTTP/1.1', 405",
        "'GET /health HTTP/1.1|Host : x', 400",
        "'GET /health HTTP/1.1|x', 400",
        "'GET /health HTTP/1.1\\rx: y', 400",
        "'GET /health HTTP/1.1| folded: x', 400",
        "'GET /health HTTP/1.1|Host: x|host: y', 400",
        "'GET /health HTTP/1.1|Content-Length: 0|Content-Length: 5', 400",
        "'GET /health HTTP/1.1|a: b|a: c', 200",
        "'GET /health HTTP/1.1|a: \u0000', 400",
        "'GET /health HTTP/1.1|Content-Length: 5', 200",
        "'POST /health HTTP/1.1|Transfer-Encoding: chunked', 405",
    })
    void shouldAnswerWhatIsNoProperRequest(final String head, final int expected) throws Exception {
        final Socket socket = connect(start());
        final String plain =
                head.replace("\\u0000", "\0").replace("\\u0001", "\1").replace("\\r", "\r");
        say(socket, plain.replace("|", "\r\n") + "\r\nConnection: close\r\n\r\nhello");

        final String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertEquals(expected, Integer.parseInt(answer.split(" ", 3)[1]), answer);
        assertEquals(1, answer.split("HTTP/1\\.1 ", -1).length - 1, "a body is no request: " + answer);
    }

    @Test
    void shouldRefuseAHeadThatIsTooLong() throws Exception {
        final StatusServer server = start();
        final Socket bytes = connect(server);
        say(bytes, "GET /health HTTP/1.1\r\na: " + "x".repeat(17_000));
        final Socket fields = connect(server);
        say(fields, "GET /health HTTP/1.1\r\n" + "a: b\r\n".repeat(65) + "\r\n");
        final Socket fits = connect(server);
        say(fits, "GET /health HTTP/1.1\r\na: " + "x".repeat(16_000) + "\r\nConnection: close\r\n\r\n");

        for (final Socket socket : List.of(bytes, fields)) {
            final byte[] begin = socket.getInputStream().readNBytes(12);
            assertEquals("HTTP/1.1 431", new String(begin, StandardCharsets.US_ASCII));
        }
        assertEquals("HTTP/1.1 200", new String(fits.getInputStream().readNBytes(12), StandardCharsets.US_ASCII));
    }

    /** Whatever clients do, the next one is answered soon. */
    @Test
    void shouldBeHealthyWhateverOthersDo() throws Exception {
        final long seed = Long.getLong("seed", 20_261_204);
        final SplittableRandom random = new SplittableRandom(seed);
        final StatusServer server = start((out, type) -> out.write(new byte[100_000]));
        final String[] pieces = {
            "GET /metrics HTTP/1.1\r\n",
            "\r\n",
            "Host: 127.0.0.1\r\n",
            "GET /status.json HTTP/1.1\r\n",
            "x".repeat(9000),
            "POST / HTTP/1.1\r\nContent-Length: 100000\r\n",
            "HEAD / HTTP/1.1\r\n\r\n",
            "\0",
            "a: b\r\n"
        };
        final List<Socket> others = new ArrayList<>();
        for (int i = 0; i < 1500; i++) {
            final int kind = random.nextInt(8);
            if (others.isEmpty() || kind < 2) {
                others.add(connect(server));
            } else if (kind == 2) {
                others.remove(random.nextInt(others.size())).close();
            } else {
                final Socket socket = others.get(random.nextInt(others.size()));
                try {
                    say(socket, pieces[random.nextInt(pieces.length)]);
                } catch (final IOException e) {
                    others.remove(socket); // it was cut off
                }
            }
            if (i % 100 == 0) {
                assertHealthyWithinASecond(server, "seed " + seed + " step " + i);
            }
        }
    }
}
