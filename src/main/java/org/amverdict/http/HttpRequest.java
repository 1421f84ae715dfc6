package org.amverdict.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The head of an HTTP/1.x request (RFC 9112), as far as a server needs it that only answers GET and HEAD and reads no
 * body. Ambiguous requests are refused. Immutable.
 *
 * @param method as it came
 * @param path of the target, decoded; without the query
 * @param parameters of the query, decoded, by name
 * @param headers by name in lower case; several of one name are joined by commas
 * @param last whether the connection ends with the answer: the client asks for that, or an unread body follows
 */
public record HttpRequest(
        String method, String path, Map<String, String> parameters, Map<String, String> headers, boolean last) {
    static final int HEADERS_MAX = 64;
    static final int PARAMETERS_MAX = 16;
    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";
    /** Two of them could be meant to be read as either. */
    private static final Set<String> ONCE = Set.of("host", "content-length", "transfer-encoding");

    /** A request that is refused; the message is the answer. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;
        private final int status;

        Refused(final int status, final String message) {
            super(message);
            this.status = status;
        }

        int status() {
            return status;
        }
    }

    /**
     * Reads a head.
     *
     * @param head all of it, with the empty line
     */
    static HttpRequest parse(final byte[] head) throws Refused {
        final String text = new String(head, StandardCharsets.ISO_8859_1).replace("\r\n", "\n");
        if (text.indexOf('\r') >= 0) {
            throw new Refused(400, "a line end that is none");
        }
        final List<String> lines = text.lines().dropWhile(String::isEmpty).toList();
        if (lines.isEmpty()) {
            throw new Refused(400, "no request");
        }
        final String[] words = lines.get(0).split(" ", -1);
        if (words.length != 3 || !isToken(words[0])) {
            throw new Refused(400, "no request line");
        }
        if (!words[2].matches("HTTP/1\\.[0-9]")) {
            throw new Refused(words[2].matches("HTTP/[0-9]\\.[0-9]") ? 505 : 400, "only HTTP/1.1");
        }
        final Map<String, String> headers = headers(lines);
        final String connection = headers.getOrDefault("connection", "").toLowerCase(Locale.ROOT);
        final boolean body =
                headers.containsKey("transfer-encoding") || !"0".equals(headers.getOrDefault("content-length", "0"));
        final URI target = target(words[1]);
        return new HttpRequest(
                words[0],
                target.getPath(),
                parameters(target.getRawQuery()),
                headers,
                body || "HTTP/1.0".equals(words[2]) || connection.contains("close"));
    }

    private static Map<String, String> headers(final List<String> lines) throws Refused {
        final Map<String, String> headers = new HashMap<>();
        for (int i = 1; i < lines.size() && !lines.get(i).isEmpty(); i++) {
            if (i > HEADERS_MAX) {
                throw new Refused(431, "more than " + HEADERS_MAX + " header fields");
            }
            final String line = lines.get(i);
            final int colon = line.indexOf(':');
            if (colon < 0 || !isToken(line.substring(0, colon))) {
                throw new Refused(400, "no header field");
            }
            final String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
            final String value = line.substring(colon + 1).strip();
            if (value.chars().anyMatch(c -> c < ' ' && c != '\t')) {
                throw new Refused(400, "a control character in a header field");
            }
            final String earlier = headers.put(name, value);
            if (earlier != null) {
                if (ONCE.contains(name)) {
                    throw new Refused(400, "a header field twice");
                }
                headers.put(name, earlier + ", " + value);
            }
        }
        return Map.copyOf(headers);
    }

    private static boolean isToken(final String text) {
        return !text.isEmpty() && text.chars().allMatch(HttpRequest::isTokenCharacter);
    }

    private static boolean isTokenCharacter(final int c) {
        final boolean digit = c >= '0' && c <= '9';
        final boolean letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        return digit || letter || TOKEN_MARKS.indexOf(c) >= 0;
    }

    private static URI target(final String target) throws Refused {
        try {
            final URI uri = new URI(target);
            if (uri.getPath() != null) {
                return uri;
            }
        } catch (final URISyntaxException e) {
            // as no path
        }
        throw new Refused(400, "no request target");
    }

    /**
     * {@code a=b&c=d}, as browsers write a form (WHATWG URL, application/x-www-form-urlencoded). Scrapers may add any; of
     * several with one name the first counts, and of very many the first ones.
     */
    private static Map<String, String> parameters(final @Nullable String query) {
        if (query == null || query.isEmpty()) {
            return Map.of();
        }
        final Map<String, String> parameters = new HashMap<>();
        for (final String pair : query.split("&", PARAMETERS_MAX + 1)) {
            if (parameters.size() < PARAMETERS_MAX) {
                final int sign = pair.indexOf('=');
                parameters.putIfAbsent(
                        decoded(sign < 0 ? pair : pair.substring(0, sign)),
                        sign < 0 ? "" : decoded(pair.substring(sign + 1)));
            }
        }
        return Map.copyOf(parameters);
    }

    /** The target has been checked, so every % is followed by two digits. */
    private static String decoded(final String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** The value of a header, whose name is given in lower case; null if there is none. */
    public @Nullable String header(final String name) {
        return headers.get(name);
    }

    boolean isHead() {
        return "HEAD".equals(method);
    }

    /** Whether it is GET or HEAD. */
    public boolean isReading() {
        return "GET".equals(method) || isHead();
    }
}
