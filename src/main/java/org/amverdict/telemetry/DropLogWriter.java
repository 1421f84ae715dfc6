package org.amverdict.telemetry;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The thread behind the human log: takes the decisions of all workers, folds those that repeat, and writes lines. Made,
 * started and closed by the command that wires the program.
 */
public final class DropLogWriter implements AutoCloseable {
    private static final long IDLE_MILLIS = 50;
    private static final long BUSY_MILLIS = 5;
    private static final long CLOSE_MILLIS = 1000;
    private static final System.Logger LOG = System.getLogger("org.amverdict.log");

    private final List<DecisionRing> rings = new CopyOnWriteArrayList<>();
    private final DecisionRing.Entry entry = new DecisionRing.Entry();
    private final DropFolder folder;
    private final Thread thread;
    private long reportedLost;

    private volatile boolean closed;

    /**
     * Writes to the log.
     *
     * @param enforcing false in monitor mode: then a line says that the packet would have been dropped
     */
    public DropLogWriter(final BooleanSupplier enforcing) {
        this(enforcing, line -> LOG.log(System.Logger.Level.INFO, line));
    }

    DropLogWriter(final BooleanSupplier enforcing, final Consumer<String> lines) {
        folder = new DropFolder(enforcing, lines);
        thread = new Thread(this::run, "amverdict-log");
        thread.setDaemon(true);
    }

    /** The events of one more worker; any thread, before that worker starts. */
    public DropLog events() {
        final DecisionRing ring = new DecisionRing();
        rings.add(ring);
        return new DropLog(ring);
    }

    /** Starts the thread; once. */
    public void start() {
        thread.start();
    }

    /** Decisions that were not logged because a worker was faster than the log, since the start; any thread. */
    public long lost() {
        long lost = 0;
        for (final DecisionRing ring : rings) {
            lost += ring.lost();
        }
        return lost;
    }

    private void run() {
        while (!closed) {
            final boolean busy = drain(System.nanoTime());
            try {
                Thread.sleep(busy ? BUSY_MILLIS : IDLE_MILLIS);
            } catch (final InterruptedException e) {
                break;
            }
        }
        drain(System.nanoTime());
        folder.flush();
    }

    /** Writes what is in the rings now, at most a ring of each, and what has become due; true if there was anything. */
    private boolean drain(final long nowNanos) {
        boolean busy = false;
        for (final DecisionRing ring : rings) {
            for (int i = 0; i < DecisionRing.CAPACITY && ring.poll(entry); i++) {
                folder.add(entry, nowNanos);
                busy = true;
            }
        }
        final long lost = lost();
        folder.lost(lost - reportedLost);
        reportedLost = lost;
        folder.tick(nowNanos);
        return busy;
    }

    /** Writes what is left and stops; call it after the workers have stopped. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(CLOSE_MILLIS);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
