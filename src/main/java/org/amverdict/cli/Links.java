package org.amverdict.cli;

import java.util.HashMap;
import java.util.Map;

/**
 * The network interfaces that the kernel reports. An interface counts as gone once another one takes its name: an
 * administrator renames a link and makes a new one in its place. Not thread-safe.
 */
final class Links {
    /** By index, the name under which the interface was first seen. */
    private final Map<Integer, String> names = new HashMap<>();
    /** By name, the interface that has it now. */
    private final Map<String, Integer> bearers = new HashMap<>();

    void present(final int index, final String name) {
        bearers.values().removeIf(bearer -> bearer == index);
        bearers.put(name, index);
        names.putIfAbsent(index, name);
    }

    void gone(final int index) {
        names.remove(index);
        bearers.values().removeIf(bearer -> bearer == index);
    }

    /** Forgets all interfaces. */
    void clear() {
        names.clear();
        bearers.clear();
    }

    /** The indexes of those that are there. */
    int[] indexes() {
        return names.entrySet().stream()
                .filter(link ->
                        bearers.getOrDefault(link.getValue(), link.getKey()).equals(link.getKey()))
                .mapToInt(Map.Entry::getKey)
                .toArray();
    }
}
