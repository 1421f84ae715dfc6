package org.amverdict.engine;

import java.util.HashSet;
import java.util.Set;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.packet.Tuple;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.Policy;
import org.amverdict.track.ExpectationTable;
import org.amverdict.track.Scratch;
import org.amverdict.track.Tables;
import org.amverdict.track.TransactionTable;

/**
 * Takes back what an earlier policy allowed and a new one forbids: exchanges, and expectations without a connection so
 * far. A connection that was let in stays. The earlier policy is either this program's own, before it reloads its
 * configuration, or that of the previous program, before this one restores its saved state.
 *
 * <p>In a reload, create it after every engine has the new settings and has finished its current batch. Call
 * {@link #exchanges}, {@link #expectations}, {@link #flows}, and {@link #expectations} again. Between two calls every
 * engine must finish its current batch: it may have taken an expectation and not yet opened its flow, or be about to
 * rearm the expectation of a refused flow. For one thread, not a worker's; it holds the control lock only briefly.
 */
public final class PolicyRevocation {
    /** Transactions checked while the control lock is held: some tens of microseconds. */
    private static final int STEP = 256;

    private final Tables tables;
    private final Policy policy;
    private final Scratch scratch;
    /** Numbers of the exchanges that were taken back: their announcements go too, even if only their ports changed. */
    private final Set<Long> forbidden = new HashSet<>();

    /** @param policy the new one */
    public PolicyRevocation(final Tables tables, final Policy policy) {
        this.tables = tables;
        this.policy = policy;
        scratch = new Scratch(tables.operatorEndings());
    }

    /**
     * Forgets the exchanges that may not go on: their later packets are unsolicited.
     *
     * @return how many had not ended
     */
    public int exchanges() {
        final TransactionTable transactions = tables.transactions();
        int removed = 0;
        for (int from = 0; from < transactions.capacity(); from += STEP) {
            tables.control().lock();
            try {
                removed += transactions.removeUnless(scratch, from, this::permitsExchange, STEP);
            } finally {
                tables.control().unlock();
            }
        }
        return removed;
    }

    private boolean permitsExchange(final Tuple tuple, final Service service, final long number) {
        final boolean permitted = policy.isControlPort(tuple.destinationPort())
                && policy.isRequesterPort(tuple.sourcePort())
                && policy.find(tuple, service) != null;
        if (!permitted) {
            forbidden.add(number);
        }
        return permitted;
    }

    /**
     * Takes back the expectations that the policy no longer permits.
     *
     * @return how many
     */
    public int expectations() {
        return tables.expectations().revokeUnless(scratch, permission());
    }

    /** Bars rearming expectations that are already taken. */
    public void flows() {
        tables.flows().disarmUnless(permission());
        // What CarriedRefusals took out before is an expectation again afterward, and the next call revokes it.
        tables.control().lock();
        tables.control().unlock();
    }

    private ExpectationTable.Permission permission() {
        return (tuple, stream, service, owner) -> {
            final int port = tuple.destinationPort();
            if (stream == StreamName.LEGACY) {
                final Allowance allowance = policy.findLegacyRecovery(tuple);
                return allowance != null && allowance.streamPorts().contains(port) && !policy.isControlPort(port);
            }
            if (service == null || forbidden.contains(owner)) {
                return false;
            }
            final Allowance allowance = policy.find(tuple, service);
            return allowance != null && allowance.streamPorts().contains(port);
        };
    }
}
