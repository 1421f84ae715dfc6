package org.amverdict.engine;

import java.util.HashMap;
import java.util.Map;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.Policy;
import org.amverdict.track.ExpectationTable;
import org.amverdict.track.Scratch;
import org.amverdict.track.Tables;
import org.amverdict.track.TransactionTable;

/**
 * Takes back what an earlier policy let begin and a new one forbids: exchanges, and expectations that nobody has
 * connected to yet. A connection that was let in stays, whoever may no longer make a new one.
 *
 * <p>Made after every engine has the new settings and has finished the batch that it was at then. The order of the calls
 * is {@link #exchanges}, {@link #expectations}, {@link #flows}, {@link #expectations} again, and between two of them
 * every engine must have finished the batch that it was at: an engine may just have taken an expectation of which the
 * flow is not yet there, or a refused flow of which the expectation is to be armed again. For one thread, which is not a
 * worker's; it holds the control lock for short times only.
 */
public final class Withdrawal {
    /** Transactions looked at while the control lock is held: some tens of microseconds. */
    private static final int STEP = 256;

    private final Tables tables;
    private final Policy policy;
    private final Scratch scratch;
    /** Of the transactions that may go on; who is not here and older than the last one is forbidden, or long gone. */
    private final Map<Long, Service> services = new HashMap<>();

    private long lastNumber;

    /** @param policy the new one */
    public Withdrawal(final Tables tables, final Policy policy) {
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
        tables.control().lock();
        try {
            lastNumber = transactions.lastNumber();
        } finally {
            tables.control().unlock();
        }
        int removed = 0;
        for (int from = 0; from < transactions.capacity(); from += STEP) {
            tables.control().lock();
            try {
                removed += transactions.removeUnless(scratch, this::permitsExchange, from, STEP);
            } finally {
                tables.control().unlock();
            }
        }
        return removed;
    }

    private boolean permitsExchange(
            final long requesterHigh,
            final long requesterLow,
            final int requesterPort,
            final long responderHigh,
            final long responderLow,
            final int responderPort,
            final Service service,
            final long number) {
        final boolean permitted = policy.isControlPort(responderPort)
                && policy.isRequesterPort(requesterPort)
                && policy.find(requesterHigh, requesterLow, responderHigh, responderLow, service) != null;
        if (permitted) {
            services.put(number, service);
        }
        return permitted;
    }

    /**
     * Takes back the expectations that may not be connected any more.
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
        return (requesterHigh, requesterLow, responderHigh, responderLow, port, stream, owner) -> {
            if (stream == StreamName.LEGACY) {
                final Allowance allowance =
                        policy.findLegacyRecovery(requesterHigh, requesterLow, responderHigh, responderLow);
                return allowance != null && allowance.streamPorts().contains(port) && !policy.isControlPort(port);
            }
            if (owner > lastNumber) {
                return true; // judged by the new policy
            }
            final Service service = services.get(owner);
            if (service == null) {
                return false;
            }
            final Allowance allowance = policy.find(requesterHigh, requesterLow, responderHigh, responderLow, service);
            return allowance != null && allowance.streamPorts().contains(port);
        };
    }
}
