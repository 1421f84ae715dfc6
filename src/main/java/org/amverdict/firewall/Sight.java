package org.amverdict.firewall;

import java.util.function.Consumer;
import org.amverdict.firewall.BaseChain.Hook;
import org.amverdict.firewall.ProbePacket.Path;
import org.amverdict.firewall.ProbePacket.State;

/** A packet as a rule sees it: what it is, and what earlier rules have changed. Not thread-safe. */
final class Sight {
    /** NF_IP_PRI_CONNTRACK. */
    private static final int CONNTRACK = -200;

    final ProbePacket packet;
    final Path path;
    private Hook hook;
    private int priority = Integer.MIN_VALUE;
    private Bits mark = Bits.of(0);
    private Bits connectionMark;
    private Certainty untracked = Certainty.NO;
    private Certainty translated;

    Sight(final ProbePacket packet, final Path path, final Certainty translated) {
        this.packet = packet;
        this.path = path;
        hook = path.hooks().get(0);
        connectionMark = packet.state() == State.NEW ? Bits.of(0) : Bits.UNKNOWN;
        this.translated = translated;
    }

    private Sight(final Sight other) {
        packet = other.packet;
        path = other.path;
        hook = other.hook;
        priority = other.priority;
        mark = other.mark;
        connectionMark = other.connectionMark;
        untracked = other.untracked;
        translated = other.translated;
    }

    /** As another sight of the same packet. */
    void become(final Sight other) {
        mark = other.mark;
        connectionMark = other.connectionMark;
        untracked = other.untracked;
        translated = other.translated;
    }

    Sight copy() {
        return new Sight(this);
    }

    /** Changes that happen only perhaps. */
    void perhaps(final Consumer<Sight> change) {
        final Sight changed = copy();
        change.accept(changed);
        join(changed);
    }

    /** The packet came by one of two ways. */
    void join(final Sight other) {
        mark = mark.join(other.mark);
        connectionMark = connectionMark.join(other.connectionMark);
        untracked = untracked == other.untracked ? untracked : Certainty.PERHAPS;
        translated = translated == other.translated ? translated : Certainty.PERHAPS;
    }

    /** The packet comes to a chain. */
    void at(final Hook next, final int atPriority) {
        hook = next;
        priority = atPriority;
    }

    /** Whether conntrack has seen the packet before this chain. It does so in PREROUTING or OUTPUT. */
    private Certainty isLookedUp() {
        return switch (hook) {
            case INGRESS -> Certainty.NO;
            case PREROUTING, OUTPUT -> priority == CONNTRACK ? Certainty.PERHAPS : Certainty.of(priority > CONNTRACK);
            default -> Certainty.YES;
        };
    }

    /** Whether the packet belongs to a connection here. */
    Certainty hasConnection() {
        return isLookedUp().and(untracked.not());
    }

    /** Whether conntrack has seen it and left it alone, or will do so. */
    Certainty isUntracked() {
        return untracked;
    }

    Hook hook() {
        return hook;
    }

    Bits mark() {
        return mark;
    }

    void mark(final Bits set) {
        mark = set;
    }

    Bits connectionMark() {
        return connectionMark;
    }

    void connectionMark(final Bits set) {
        connectionMark = set;
    }

    /** Conntrack leaves it alone, unless it has seen it already. */
    void untrack() {
        untracked = untracked.or(isLookedUp().not());
    }

    /** Whether the packet, or the first one of its connection, got another destination. */
    Certainty translated() {
        return translated;
    }

    void translate() {
        translated = Certainty.YES;
    }
}
