/**
 * The state that all workers share, in fixed tables of longs: transactions, expectations, flows, fragments and the
 * connections of legacy recovery. {@link org.amverdict.table.SlotTable} finds records, {@link
 * org.amverdict.table.ChargedTable} charges them to hosts and gives them up; each table keeps the layout of its records
 * in a separate class. A look-up takes a {@link org.amverdict.packet.Tuple}, and leaves what it found in the {@link
 * org.amverdict.track.Scratch} of its worker. Core: pure. It knows packets and the words of the protocol, but no policy
 * and no verdict.
 */
@NullMarked
package org.amverdict.track;

import org.jspecify.annotations.NullMarked;
