/** Checked, reusable views over the bytes of a packet. Core: pure, no allocation once warm. */
@NullMarked
package org.amverdict.packet;

import org.jspecify.annotations.NullMarked;
