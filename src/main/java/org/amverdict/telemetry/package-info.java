/** What the engine did, for people and machines: metrics, health, the event log. */
@NullMarked
package org.amverdict.telemetry;

import org.jspecify.annotations.NullMarked;
