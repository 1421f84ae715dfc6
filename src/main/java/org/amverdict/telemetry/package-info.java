/**
 * The figures of the running program: metrics, status, and the server that hands them out. Also puts the listeners of the
 * events together. The only room that knows Micrometer.
 */
@NullMarked
package org.amverdict.telemetry;

import org.jspecify.annotations.NullMarked;
