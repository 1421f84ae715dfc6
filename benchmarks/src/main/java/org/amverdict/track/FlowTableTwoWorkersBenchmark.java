package org.amverdict.track;

import org.openjdk.jmh.annotations.Threads;

/** Cost in {@link FlowTableBenchmark} of another worker that uses the table at the same time. */
@Threads(2)
public class FlowTableTwoWorkersBenchmark extends FlowTableBenchmark {}
