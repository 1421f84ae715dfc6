package org.amverdict.harness;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Runs the same task in several threads that start together. */
public final class Threads {
    private static final int TIMEOUT_SECONDS = 60;

    private Threads() {}

    /** The work of one thread. */
    public interface Task<T> {
        /**
         * What one thread does.
         *
         * @param thread its number, from 0
         */
        T run(int thread) throws Exception;
    }

    /** The results by thread; a failure of any is thrown. */
    public static <T> List<T> run(final int threads, final Task<T> task) throws Exception {
        final ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            final CountDownLatch start = new CountDownLatch(1);
            final List<Future<T>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                final int thread = i;
                futures.add(pool.submit(() -> {
                    start.await();
                    return task.run(thread);
                }));
            }
            start.countDown();
            final List<T> results = new ArrayList<>();
            for (final Future<T> future : futures) {
                results.add(future.get(TIMEOUT_SECONDS, TimeUnit.SECONDS));
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }
}
