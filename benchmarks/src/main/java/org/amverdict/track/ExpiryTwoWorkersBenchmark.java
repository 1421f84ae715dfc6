package org.amverdict.track;

import org.openjdk.jmh.annotations.Threads;

/** Cost in {@link ExpiryBenchmark} of another worker that does the same. */
@Threads(2)
public class ExpiryTwoWorkersBenchmark extends ExpiryBenchmark {}
