package org.amverdict.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.TreeMap;

/** The answer to an HTTP request. Immutable except for the body, which must not be changed. */
public final class HttpAnswer {
    private static final String PLAIN = "text/plain; charset=utf-8";

    private static final Map<Integer, String> REASONS = Map.of(
            200, "OK",
            400, "Bad Request",
            404, "Not Found",
            405, "Method Not Allowed",
            421, "Misdirected Request",
            431, "Request Header Fields Too Large",
            500, "Internal Server Error",
            503, "Service Unavailable",
            505, "HTTP Version Not Supported");

    private final int status;
    private final String contentType;
    /** In addition to those of every answer. */
    private final Map<String, String> headers;

    private final byte[] body;

    private HttpAnswer(
            final int status, final String contentType, final Map<String, String> headers, final byte[] body) {
        this.status = status;
        this.contentType = contentType;
        this.headers = headers;
        this.body = body;
    }

    /**
     * Makes an answer without extra headers.
     *
     * @param status code of RFC 9110
     */
    public static HttpAnswer of(final int status, final String contentType, final byte[] body) {
        return new HttpAnswer(status, contentType, Map.of(), body);
    }

    /** A line of text. */
    public static HttpAnswer text(final int status, final String line) {
        return of(status, PLAIN, (line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Whether it says that the request was wrong: 4xx, and the version that is not supported. */
    boolean refuses() {
        return (status >= 400 && status < 500) || status == 505;
    }

    public HttpAnswer with(final String name, final String value) {
        final Map<String, String> more = new TreeMap<>(headers);
        more.put(name, value);
        return new HttpAnswer(status, contentType, more, body);
    }

    /**
     * The bytes to send.
     *
     * @param last whether the connection ends with it
     */
    ByteBuffer bytes(final boolean last) {
        final byte[] head = headBytes(last);
        return ByteBuffer.allocate(head.length + body.length)
                .put(head)
                .put(body)
                .flip();
    }

    /** The answer to HEAD: the bytes before the body. */
    ByteBuffer head(final boolean last) {
        return ByteBuffer.wrap(headBytes(last));
    }

    private byte[] headBytes(final boolean last) {
        final StringBuilder text = new StringBuilder(256);
        text.append("HTTP/1.1 ")
                .append(status)
                .append(' ')
                .append(REASONS.getOrDefault(status, ""))
                .append("\r\n");
        add(text, "Date", DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC)));
        add(text, "Content-Type", contentType);
        add(text, "Content-Length", Integer.toString(body.length));
        add(text, "Cache-Control", "no-store");
        add(text, "X-Content-Type-Options", "nosniff");
        headers.forEach((name, value) -> add(text, name, value));
        if (last) {
            add(text, "Connection", "close");
        }
        return text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void add(final StringBuilder text, final String name, final String value) {
        text.append(name).append(": ").append(value).append("\r\n");
    }
}
