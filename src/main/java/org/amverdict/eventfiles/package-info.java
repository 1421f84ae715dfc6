/** The files of an event log, found, unpacked and read line by line, and what is missing from them. Knows no event. */
@NullMarked
package org.amverdict.eventfiles;

import org.jspecify.annotations.NullMarked;
