package org.amverdict.policy;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A set of addresses, IPv4 and IPv6 alike. Immutable, usable from every thread; look-ups allocate nothing. */
public final class HostSet {
    /** Most prefixes of one set. */
    public static final int PREFIXES_MAX = 65_536;

    private final List<HostPrefix> prefixes;
    private final PrefixIndex index;

    private HostSet(final List<HostPrefix> prefixes) {
        this.prefixes = prefixes;
        this.index = PrefixIndex.ofOne(prefixes);
    }

    /**
     * From texts as {@link HostPrefix#parse} reads them.
     *
     * @throws IllegalArgumentException for a bad text, no text or more than {@link #PREFIXES_MAX}
     */
    public static HostSet of(final String... texts) {
        final List<HostPrefix> prefixes = new ArrayList<>(texts.length);
        for (final String text : texts) {
            prefixes.add(HostPrefix.parse(text));
        }
        return of(prefixes);
    }

    /**
     * From prefixes; repeated ones count once.
     *
     * @throws IllegalArgumentException for an empty list or more than {@link #PREFIXES_MAX}
     */
    public static HostSet of(final List<HostPrefix> prefixes) {
        if (prefixes.isEmpty()) {
            throw new IllegalArgumentException("no host; name at least one address");
        }
        if (prefixes.size() > PREFIXES_MAX) {
            throw new IllegalArgumentException("more than " + PREFIXES_MAX + " addresses in one list");
        }
        return new HostSet(prefixes.stream().distinct().toList());
    }

    /** Is this address in the set? */
    public boolean contains(final long high, final long low) {
        // The index has nodes for this set's prefixes and one, without items, that keeps IPv4 out of IPv6 prefixes.
        for (int node = index.node(high, low); node >= 0; node = index.parent(node)) {
            if (index.items(node).length > 0) {
                return true;
            }
        }
        return false;
    }

    /** Is every address of the other set in one prefix of this one? */
    public boolean covers(final HostSet other) {
        for (final HostPrefix inner : other.prefixes) {
            if (!covers(inner)) {
                return false;
            }
        }
        return true;
    }

    private boolean covers(final HostPrefix inner) {
        for (final HostPrefix outer : prefixes) {
            if (outer.contains(inner)) {
                return true;
            }
        }
        return false;
    }

    /** The prefixes in the order given, without repetitions. */
    public List<HostPrefix> prefixes() {
        return prefixes;
    }

    @Override
    public boolean equals(final @Nullable Object other) {
        return other instanceof HostSet set && prefixes.equals(set.prefixes);
    }

    @Override
    public int hashCode() {
        return prefixes.hashCode();
    }

    @Override
    public String toString() {
        return prefixes.toString();
    }
}
