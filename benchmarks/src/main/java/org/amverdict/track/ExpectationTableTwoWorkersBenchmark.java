package org.amverdict.track;

import org.openjdk.jmh.annotations.Threads;

/** What does it cost in {@link ExpectationTableBenchmark} that another worker uses the table at the same time? */
@Threads(2)
public class ExpectationTableTwoWorkersBenchmark extends ExpectationTableBenchmark {}
