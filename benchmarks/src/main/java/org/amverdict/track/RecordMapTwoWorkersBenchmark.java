package org.amverdict.track;

import org.openjdk.jmh.annotations.Threads;

/** Cost in {@link RecordMapBenchmark} of another worker that uses the map at the same time. */
@Threads(2)
public class RecordMapTwoWorkersBenchmark extends RecordMapBenchmark {}
