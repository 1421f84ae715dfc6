package org.amverdict.simulation;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Three networks around the firewall, each behind an interface that can go and come back under another index. */
final class Network {
    /** Of the servers, of the clients, and of everybody else. */
    static final int SIDES = 3;

    private static final String[][] PREFIXES = {{"192.0.2.", "2001:db8:1:"}, {"198.51.100.", "2001:db8:2:"}};
    private final int[] current = {11, 12, 13};
    private int next = 14;

    private static final Map<String, Integer> SIDE_OF = new ConcurrentHashMap<>();

    /** Which network the address is in. */
    static int sideOf(final String address) {
        return SIDE_OF.computeIfAbsent(address, Network::find);
    }

    private static int find(final String address) {
        for (int side = 0; side < PREFIXES.length; side++) {
            for (final String prefix : PREFIXES[side]) {
                if (address.startsWith(prefix)) {
                    return side;
                }
            }
        }
        return SIDES - 1;
    }

    /** The index of the interface of that network. */
    int index(final int side) {
        return current[side];
    }

    /** The index of the interface behind which the address is. */
    int of(final String address) {
        return current[sideOf(address)];
    }

    /** Of all interfaces that are there. */
    int[] indexes() {
        return current.clone();
    }

    boolean exists(final int index) {
        for (final int one : current) {
            if (one == index) {
                return true;
            }
        }
        return false;
    }

    void replace(final int side) {
        current[side] = next++;
    }
}
