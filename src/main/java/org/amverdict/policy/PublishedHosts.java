package org.amverdict.policy;

import java.util.List;
import java.util.function.Function;
import org.amverdict.packet.IpAddress;
import org.amverdict.packet.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * The list {@code published} for look-ups by address. The entries are numbered in their order, from 0. Immutable,
 * usable from every thread; look-ups allocate nothing and cost one binary search.
 */
public final class PublishedHosts {
    /** The bits of the packet mark that say which host a packet is for, unless configured. */
    public static final long DEFAULT_MASK = 0xff_0000L;
    /** Most hosts behind one public address: each is checked when a connection to that address begins. */
    public static final int BEHIND_ONE_MAX = 64;

    /** Nothing is published. */
    public static final PublishedHosts NONE = new PublishedHosts(List.of(), DEFAULT_MASK);

    private static final int[] NO_ENTRIES = {};

    private final List<PublishedHost> entries;
    private final long mask;
    private final PrefixIndex byPublic;
    private final PrefixIndex byHost;

    private PublishedHosts(final List<PublishedHost> entries, final long mask) {
        this.entries = List.copyOf(entries);
        this.mask = mask;
        byPublic = index(entries, PublishedHost::publicAddress);
        byHost = index(entries, PublishedHost::host);
    }

    private static PrefixIndex index(
            final List<PublishedHost> entries, final Function<PublishedHost, IpAddress> address) {
        return PrefixIndex.ofEach(
                entries.stream().map(address).map(HostPrefix::of).toList());
    }

    /**
     * Makes the index.
     *
     * @param mask bits of the packet mark, adjacent, enough to give each entry a value other than 0
     * @throws IllegalArgumentException with a message for the operator
     */
    public static PublishedHosts of(final List<PublishedHost> entries, final long mask) {
        final PublishedHosts made = new PublishedHosts(entries, mask);
        final long values = mask >>> Long.numberOfTrailingZeros(mask);
        if (mask == 0 || (values & values + 1) != 0) {
            throw new IllegalArgumentException("mask 0x" + Long.toHexString(mask) + " is not one run of adjacent bits");
        }
        if (entries.size() > values) {
            throw new IllegalArgumentException(entries.size() + " published hosts, and the mask 0x"
                    + Long.toHexString(mask) + " has values for " + values);
        }
        for (int i = 0; i < entries.size(); i++) {
            final PublishedHost entry = entries.get(i);
            int behind = 0;
            for (int j = 0; j < i; j++) {
                final PublishedHost other = entries.get(j);
                if (other.publicAddress().equals(entry.publicAddress())) {
                    behind++;
                    if (other.controlPort() == entry.controlPort()) {
                        throw new IllegalArgumentException(entry.publicAddress() + " port " + entry.controlPort()
                                + " is published twice; give each host behind it a control port of its own");
                    }
                }
            }
            if (behind >= BEHIND_ONE_MAX) {
                throw new IllegalArgumentException("more than " + BEHIND_ONE_MAX + " hosts behind "
                        + entry.publicAddress() + "; use another public address");
            }
        }
        return made;
    }

    /** Numbers of the entries with this public address; empty if there are none. Do not modify. */
    public int[] behind(final long high, final long low) {
        final int node = entries.isEmpty() ? PrefixIndex.NONE : byPublic.node(high, low);
        return node < 0 ? NO_ENTRIES : byPublic.items(node);
    }

    /** Numbers of the entries that publish this host; empty if none does. Do not modify. */
    public int[] publishing(final long high, final long low) {
        final int node = entries.isEmpty() ? PrefixIndex.NONE : byHost.node(high, low);
        return node < 0 ? NO_ENTRIES : byHost.items(node);
    }

    public PublishedHost entry(final int number) {
        return entries.get(number);
    }

    /** What the bits of {@link #mask()} are in the mark of a packet for this entry's host; never 0. */
    public long mark(final int number) {
        return (number + 1L) << Long.numberOfTrailingZeros(mask);
    }

    /** The bits of a packet's mark that name an entry of the destination, 0 if they name none. */
    public long bits(final Tuple tuple, final long packetMark) {
        final long bits = packetMark & mask;
        for (final int own : publishing(tuple.destinationHigh(), tuple.destinationLow())) {
            if (mark(own) == bits) {
                return bits;
            }
        }
        return 0;
    }

    /** The bits of the packet mark that are used, 32 bits. */
    public long mask() {
        return mask;
    }

    public List<PublishedHost> entries() {
        return entries;
    }

    @Override
    public boolean equals(final @Nullable Object other) {
        return other instanceof PublishedHosts hosts && mask == hosts.mask && entries.equals(hosts.entries);
    }

    @Override
    public int hashCode() {
        return entries.hashCode() * 31 + Long.hashCode(mask);
    }
}
