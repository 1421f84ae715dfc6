package org.amverdict.control;

import org.jspecify.annotations.Nullable;

/**
 * Which events a watcher wants. It compares text: an event is written by {@link org.amverdict.json.JsonLine}, without
 * spaces and with every quote in a value escaped, so that a key and its value occur as such nowhere else.
 *
 * @param drops only packets that were dropped, or would have been
 * @param host only what this address sent or was sent, or null for all
 */
record EventFilter(boolean drops, @Nullable String host) {
    boolean matches(final String event) {
        if (drops && !event.contains("\"event_type\":\"drop\"")) {
            return false;
        }
        return host == null
                || event.contains("\"src_ip\":\"" + host + "\"")
                || event.contains("\"dest_ip\":\"" + host + "\"");
    }
}
