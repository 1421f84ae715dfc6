/**
 * A first configuration, made from Amanda's own: which hosts it backs up, under which addresses, and which of them need
 * this program at all. Reads; the command writes.
 */
@NullMarked
package org.amverdict.init;

import org.jspecify.annotations.NullMarked;
