package org.amverdict.telemetry;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amverdict.json.JsonLine;
import org.amverdict.json.JsonReader;
import org.jspecify.annotations.Nullable;

/** A headless Chromium, driven through chromedriver by the W3C WebDriver protocol. One thread. */
final class Browser implements AutoCloseable {
    private static final Pattern STARTED = Pattern.compile("started successfully on port (\\d+)");
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int LINES_MAX = 50;

    private final HttpClient client = HttpClient.newHttpClient();
    private final Process driver;
    private String session;

    private Browser(final Process driver) {
        this.driver = driver;
        session = "";
    }

    /** Whether there is one on this machine: Debian's packages chromium and chromium-driver. */
    static boolean installed() {
        return found("chromium") && found("chromedriver");
    }

    private static boolean found(final String program) {
        return List.of(System.getenv("PATH").split(File.pathSeparator, -1)).stream()
                .anyMatch(each -> Files.isExecutable(Path.of(each, program)));
    }

    static Browser start() throws IOException {
        final Process driver = new ProcessBuilder("chromedriver", "--port=0")
                .redirectErrorStream(true)
                .start();
        final Browser browser = new Browser(driver);
        try {
            browser.session = "http://127.0.0.1:" + port(driver) + "/session";
            // Root has no sandbox, and /dev/shm may be small where tests run.
            final Object made = browser.ask("POST", "", """
                    {"capabilities": {"alwaysMatch": {"goog:loggingPrefs": {"browser": "ALL"},
                     "goog:chromeOptions": {"args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage",
                     "--disable-gpu", "--no-first-run", "--window-size=1280,1000"]}}}}""");
            browser.session += "/" + ((Map<?, ?>) Objects.requireNonNull(made)).get("sessionId");
            return browser;
        } catch (final IOException | RuntimeException e) {
            browser.close();
            throw e;
        }
    }

    private static String port(final Process driver) throws IOException {
        final BufferedReader said =
                new BufferedReader(new InputStreamReader(driver.getInputStream(), StandardCharsets.UTF_8));
        final StringBuilder all = new StringBuilder();
        for (int i = 0; i < LINES_MAX; i++) {
            final String line = said.readLine();
            if (line == null) {
                break;
            }
            all.append(line).append('\n');
            final Matcher started = STARTED.matcher(line);
            if (started.find()) {
                return started.group(1);
            }
        }
        throw new IOException("chromedriver does not start: " + all);
    }

    void open(final String url) throws IOException {
        ask("POST", "/url", new JsonLine().add("url", url).end());
    }

    /** Runs the body of a function; a result is a map, list, string, number, boolean or null. */
    @Nullable Object run(final String script) throws IOException {
        return ask(
                "POST",
                "/execute/sync",
                new JsonLine()
                        .add("script", script)
                        .openArray("args")
                        .closeArray()
                        .end());
    }

    /** The value of an expression as text. */
    String text(final String expression) throws IOException {
        return String.valueOf(run("return String(" + expression + ");"));
    }

    long number(final String expression) throws IOException {
        return ((Number) Objects.requireNonNull(run("return Math.round(" + expression + ");"))).longValue();
    }

    /** Types into whatever has the focus; WebDriver's codes for keys are in the private area from U+E000 on. */
    void type(final String key) throws IOException {
        final JsonLine line = new JsonLine().openArray("actions").openElement();
        line.add("type", "key").add("id", "keyboard").openArray("actions");
        line.openElement().add("type", "keyDown").add("value", key).closeObject();
        line.openElement().add("type", "keyUp").add("value", key).closeObject();
        ask("POST", "/actions", line.closeArray().closeObject().closeArray().end());
    }

    /** Makes the window as wide as a screen, and as high as the page. */
    void screen(final int width, final int height) throws IOException {
        chromium(
                "Emulation.setDeviceMetricsOverride",
                "{\"width\":" + width + ",\"height\":" + height + ",\"deviceScaleFactor\":1,\"mobile\":false}");
    }

    void dark(final boolean dark) throws IOException {
        chromium(
                "Emulation.setEmulatedMedia",
                "{\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"" + (dark ? "dark" : "light") + "\"}]}");
    }

    private void chromium(final String command, final String parameters) throws IOException {
        ask("POST", "/goog/cdp/execute", "{\"cmd\":\"" + command + "\",\"params\":" + parameters + "}");
    }

    /** What the browser complained of since it was asked last. */
    List<?> complaints() throws IOException {
        return (List<?>) Objects.requireNonNull(ask("POST", "/se/log", "{\"type\":\"browser\"}"));
    }

    void screenshot(final Path file) throws IOException {
        final Object picture = Objects.requireNonNull(ask("GET", "/screenshot", ""));
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.write(file, Base64.getDecoder().decode((String) picture));
    }

    private @Nullable Object ask(final String method, final String path, final String body) throws IOException {
        final HttpRequest request = HttpRequest.newBuilder(URI.create(session + path))
                .timeout(TIMEOUT)
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        final HttpResponse<String> response;
        try {
            response = client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (response.statusCode() != 200) {
            throw new IOException(method + " " + path + ": " + response.body());
        }
        return JsonReader.object(response.body()).get("value");
    }

    @Override
    public void close() {
        try {
            if (session.length() > 0) {
                ask("DELETE", "", "");
            }
        } catch (final IOException e) {
            // The browser is the driver's child, and ends with it.
        }
        driver.destroy();
        try {
            if (!driver.waitFor(10, TimeUnit.SECONDS)) {
                driver.destroyForcibly();
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            driver.destroyForcibly();
        }
    }
}
