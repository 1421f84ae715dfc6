/**
 * What happened recently, for operators: sessions, drops, and why a packet was let through or not. Listens to events
 * and may use the core. It keeps a bounded number of records, and explains each by the state at the time when its
 * packet was judged.
 */
@NullMarked
package org.amverdict.history;

import org.jspecify.annotations.NullMarked;
