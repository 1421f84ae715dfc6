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
 * Takes back what an earlier policy let begin and a new one forbids: exchanges, and expectations that nobody has
 * connected to yet. A connection that was let in stays. The earlier policy is either one of this program, which reloads
 * its configuration, or one of the program before, whose saved state this one takes up.
 *
 * <p>In a reload, make it after every engine has the new settings and has finished its batch of that moment. Call
 * {@link #exchanges}, {@link #expectations}, {@link #flows}, and {@link #expectations} again. Between two calls every
 * engine must finish its batch of that moment: it may have taken an expectation whose flow is not there yet, or be about
 * to arm the expectation of a refused flow again. For one thread, which is not a worker's; it holds the control lock for
 * short times only.
 */
public final class PolicyRevocation {
    /** Transactions looked at while the control lock is held: some tens of microseconds. */
    private static final int STEP = 256;

    private final Tables tables;
    private final Policy policy;
    private final Scratch scratch;
    /** Numbers of the exchanges that were taken back: what they announced goes too, also where only their ports changed. */
    private final Set<Long> forbidden = new HashSet<>();

    /** @param policy the new one */
    public PolicyRevocation(final Tables tables, final Policy policy) {
        this.tables = tables;
        this.policy = policy;
        scratch = new Scratch(tables.operatorEndings());
    }

    /**
     * Forgets the exchanges that may not go on: what still comes of them is unsolicited.
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

    /** Has expectations that are taken already never be armed again. */
    public void flows() {
        tables.flows().disarmUnless(permission());
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
