package org.amverdict.report;

import java.time.Instant;

/** From one moment to another. Immutable. */
public record Span(Instant since, Instant until) {}
