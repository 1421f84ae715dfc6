package org.amverdict.track;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A lock that is held for some microseconds at most, and so is waited for without leaving the processor, as those of
 * {@link SlotTable}: taking it allocates nothing and makes no system call. Not reentrant. Any thread.
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

    /** Waits until nobody holds it; yields when the holder does not run. */
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

    /** Takes it unless somebody holds it; false then. */
    public boolean tryLock() {
        return !held && HELD.compareAndSet(this, false, true);
    }

    /** Gives it back; for whoever holds it. */
    public void unlock() {
        HELD.setRelease(this, false);
    }

    /** Whether anybody holds it at this moment. */
    public boolean held() {
        return held;
    }
}
