package org.amverdict.table;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A lock held for a few microseconds at most, so waiters spin on the processor, as with the locks of {@link SlotTable}:
 * taking it allocates nothing and makes no system call. Not reentrant. Any thread.
 */
public final class BriefLock {
    private static final VarHandle HELD;
    private static final int SPINS_BEFORE_YIELD = 200;

    static {
        try {
            HELD = MethodHandles.lookup().findVarHandle(BriefLock.class, "held", boolean.class);
        } catch (final ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile boolean held;

    /** Waits until the lock is free; yields when the holder is not running. */
    @SuppressWarnings("ThreadPriorityCheck") // only a courtesy to a holder that lost its core; nothing relies on it
    public void lock() {
        int spins = 0;
        while (!tryLock()) {
            spins++;
            if (spins % SPINS_BEFORE_YIELD == 0) {
                Thread.yield();
            } else {
                Thread.onSpinWait();
            }
        }
    }

    /** Takes the lock if it is free; false otherwise. */
    public boolean tryLock() {
        return !held && HELD.compareAndSet(this, false, true);
    }

    /** Releases the lock; only the holder may call it. */
    public void unlock() {
        HELD.setRelease(this, false);
    }

    /** Whether the lock is held right now. */
    public boolean held() {
        return held;
    }
}
