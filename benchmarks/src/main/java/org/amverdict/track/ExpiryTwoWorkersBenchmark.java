package org.amverdict.track;

import org.openjdk.jmh.annotations.Threads;

/** What does it cost in {@link ExpiryBenchmark} that another worker does the same? */
@Threads(2)
public class ExpiryTwoWorkersBenchmark extends ExpiryBenchmark {}
