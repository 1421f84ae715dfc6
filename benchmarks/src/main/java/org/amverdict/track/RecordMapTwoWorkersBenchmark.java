package org.amverdict.track;

import org.openjdk.jmh.annotations.Threads;

/** What does it cost in {@link RecordMapBenchmark} that another worker uses the map at the same time? */
@Threads(2)
public class RecordMapTwoWorkersBenchmark extends RecordMapBenchmark {}
