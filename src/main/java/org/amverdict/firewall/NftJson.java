package org.amverdict.firewall;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Access to the JSON of nft, which has many forms for one thing (libnftables-json(5)). Stateless. */
final class NftJson {
    private NftJson() {}

    /** Empty if it is no object. */
    static Map<?, ?> map(final @Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    /** Empty if it is no array. */
    static List<?> list(final @Nullable Object value) {
        return value instanceof List<?> list ? list : List.of();
    }

    /** An array, or one value in its place. */
    static List<?> listOrOne(final @Nullable Object value) {
        return value instanceof List<?> list ? list : value == null ? List.of() : List.of(value);
    }

    static String text(final Map<?, ?> object, final String name) {
        final Object value = object.get(name);
        return value == null ? "" : String.valueOf(value);
    }

    /** The table of an object, as "inet filter". */
    static String table(final Map<?, ?> object) {
        return text(object, "family") + " " + text(object, "table");
    }

    /** A whole number; null if it is none. */
    static @Nullable Long number(final @Nullable Object value) {
        if (value instanceof Number number) {
            return number.longValue();
        }
        final String text = String.valueOf(value);
        return text.matches("0x[0-9a-fA-F]{1,8}|[0-9]{1,10}") ? Long.decode(text) : null;
    }

    /** A value without the comment, counter or timeout that an element of a set may have. */
    static @Nullable Object bare(final @Nullable Object element) {
        final Map<?, ?> inner = map(map(element).get("elem"));
        return inner.isEmpty() ? element : inner.get("val");
    }

    /** Close enough to nft's own notation for the reader to find the rule. */
    static String shown(final @Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            final StringBuilder shown = new StringBuilder();
            map.forEach((name, inner) -> {
                final boolean wrapper = List.of("payload", "meta", "set", "prefix", "range", "elem", "val", "concat")
                        .contains(name);
                shown.append(wrapper || inner instanceof String ? "" : name + " ")
                        .append(shown(inner))
                        .append(' ');
            });
            return shown.toString().strip();
        }
        if (value instanceof List<?> list) {
            return list.stream()
                    .map(NftJson::shown)
                    .toList()
                    .toString()
                    .replace('[', '{')
                    .replace(']', '}');
        }
        return String.valueOf(value);
    }
}
