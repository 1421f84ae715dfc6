package org.amverdict.lab;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** One reading of the daemon's HTTP pages, taken from inside a namespace. Immutable. */
public final class MetricsPage {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final int TIMEOUT_MS = 3_000;
    private static final int BYTES_MAX = 4 * 1024 * 1024;

    private final String text;

    private MetricsPage(final String text) {
        this.text = text;
    }

    /**
     * Reads {@code /metrics}.
     *
     * @param where namespace of the daemon
     * @param port port on its loopback
     */
    public static MetricsPage read(final Host where, final int port) throws IOException {
        final String answer = get(where, port, "/metrics");
        final int body = answer.indexOf("\r\n\r\n");
        if (body < 0 || !answer.startsWith("HTTP/1.1 200")) {
            throw new IOException("no metrics: " + answer.lines().findFirst().orElse("empty answer"));
        }
        return new MetricsPage(answer.substring(body + 4));
    }

    /**
     * Gets any page.
     *
     * @return status line, headers and body as received
     */
    public static String get(final Host where, final int port, final String path) throws IOException {
        // A plain socket: the JDK's client would reuse a connection, which belongs to one namespace, for the next one.
        return where.call(() -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port), TIMEOUT_MS);
                socket.setSoTimeout(TIMEOUT_MS);
                final String request = "GET " + path + " HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                return new String(socket.getInputStream().readNBytes(BYTES_MAX), StandardCharsets.UTF_8);
            }
        });
    }

    /**
     * Adds up all samples of a metric that have all of these labels.
     *
     * @param labels each as it stands in the text, such as {@code reason="unexpected"}
     */
    public double sum(final String name, final String... labels) {
        return text.lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .filter(line -> List.of(labels).stream().allMatch(line::contains))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** The samples of a metric that are not zero, as they stand in the text. */
    public List<String> samples(final String name) {
        return text.lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .filter(line -> !line.endsWith(" 0.0") && !line.endsWith(" 0"))
                .toList();
    }

    /** The whole page. */
    public String text() {
        return text;
    }
}
