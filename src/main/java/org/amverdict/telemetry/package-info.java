/**
 * The figures of the running program: their catalogue, the metrics, the status, and the server that publishes them. Also puts
 * the listeners of the events together. Knows the rooms that count; the only room that knows Micrometer.
 */
@NullMarked
package org.amverdict.telemetry;

import org.jspecify.annotations.NullMarked;
