package org.amverdict.history;

import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Names of the host's interfaces by the kernel's index, refreshed after a second. For the reader's thread only. */
public final class InterfaceNames {
    private static final long KEEP_NANOS = 1_000_000_000L;
    private static final int KEPT_MAX = 256;

    private final IntFunction<@Nullable String> lookUp;
    private final Map<Integer, String> kept = new HashMap<>();
    private long keptNanos;

    /** @param lookUp name of the interface with that index, null if there is none */
    InterfaceNames(final IntFunction<@Nullable String> lookUp) {
        this.lookUp = lookUp;
    }

    /** The names in the network namespace of this process. */
    public static InterfaceNames ofHost() {
        return new InterfaceNames(index -> {
            try {
                final NetworkInterface found = NetworkInterface.getByIndex(index);
                return found == null ? null : found.getName();
            } catch (final SocketException e) {
                return null;
            }
        });
    }

    /** {@code eth0 (2)}, or {@code interface 2, which is gone}. */
    String name(final int index, final long nowNanos) {
        if (nowNanos - keptNanos > KEEP_NANOS || kept.size() >= KEPT_MAX) {
            keptNanos = nowNanos;
            kept.clear();
        }
        return kept.computeIfAbsent(index, asked -> {
            final String name = lookUp.apply(asked);
            return name == null ? "interface " + asked + ", which is gone" : name + " (" + asked + ")";
        });
    }
}
