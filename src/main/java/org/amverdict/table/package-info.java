/**
 * Fixed tables of longs that several threads share: {@link org.amverdict.table.SlotTable} finds records, {@link
 * org.amverdict.table.ChargedTable} charges them to hosts and gives them up; the rest are what those and their owners
 * are made of. A room below {@code track}: it knows addresses and ports, as {@link org.amverdict.packet.Tuple}, but
 * neither TCP nor Amanda, and not what a record means. Core: pure.
 */
@NullMarked
package org.amverdict.table;

import org.jspecify.annotations.NullMarked;
