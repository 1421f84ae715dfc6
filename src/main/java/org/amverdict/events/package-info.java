/**
 * The workers' reports, from the ring to a line of JSON: records, the thread that reads them and passes them to the
 * listeners, and the event log. Knows the core and json; what higher-level packages add to a line comes through
 * interfaces.
 */
@NullMarked
package org.amverdict.events;

import org.jspecify.annotations.NullMarked;
