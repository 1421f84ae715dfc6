package org.amverdict.telemetry;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import org.amverdict.http.HttpAnswer;
import org.jspecify.annotations.Nullable;

/**
 * The page for a browser: one file with its own style and script, which fetches {@code /status.json}. Its policy lets
 * the browser run exactly that script and talk only to this address. Immutable; any thread.
 */
public final class StatusPage {
    private static final String RESOURCE = "status.html";

    private final byte[] html;
    private final String contentPolicy;

    private StatusPage(final byte[] html) {
        this.html = html;
        final String text = new String(html, StandardCharsets.UTF_8);
        contentPolicy = "default-src 'none'; script-src '" + hash(between(text, "<script>", "</script>"))
                + "'; style-src '" + hash(between(text, "<style>", "</style>"))
                + "'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    }

    /** Reads it from the program's resources. */
    static StatusPage load() {
        try (InputStream in = StatusPage.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("the program is incomplete: " + RESOURCE + " is missing");
            }
            return new StatusPage(in.readAllBytes());
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    byte[] html() {
        return html;
    }

    /** With the headers that the page needs; other answers have nothing to run. */
    HttpAnswer allow(final HttpAnswer answer) {
        return answer.with("Content-Security-Policy", contentPolicy)
                .with("X-Frame-Options", "DENY")
                .with("Referrer-Policy", "no-referrer")
                .with("Cross-Origin-Opener-Policy", "same-origin");
    }

    /**
     * Whether a browser that sends this Host header came here on purpose. Otherwise a page of a foreign site could
     * point its own name to this address and read the data here (DNS rebinding), so only addresses and localhost are
     * allowed, which cannot be pointed elsewhere.
     */
    public static boolean namesThisHost(final @Nullable String host) {
        if (host == null) {
            return false;
        }
        if (host.startsWith("[")) {
            return host.matches("\\[[0-9a-fA-F:.]{2,45}](:\\d{1,5})?");
        }
        final int colon = host.indexOf(':');
        final String name = (colon < 0 ? host : host.substring(0, colon)).toLowerCase(Locale.ROOT);
        return "localhost".equals(name) || name.endsWith(".localhost") || name.matches("\\d{1,3}(\\.\\d{1,3}){3}");
    }

    private static String between(final String text, final String start, final String end) {
        final int from = text.indexOf(start) + start.length();
        return text.substring(from, text.indexOf(end, from));
    }

    private static String hash(final String text) {
        try {
            final byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
