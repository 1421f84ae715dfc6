/**
 * The figures of the running program: their catalog, the metrics, the status, and the server that publishes them. Also
 * wires the event listeners together. Uses the packages that count; the only package that uses Micrometer.
 */
@NullMarked
package org.amverdict.telemetry;

import org.jspecify.annotations.NullMarked;
