/** What the event files say about a span of time: read back, put together, and summed up for each client. */
@NullMarked
package org.amverdict.report;

import org.jspecify.annotations.NullMarked;
