/**
 * What happened recently, for people who ask: sessions, drops, and why a packet was let through or not. Listens to events and
 * knows the core. It keeps a bounded number of records, and explains each by what was so when its packet was judged.
 */
@NullMarked
package org.amverdict.history;

import org.jspecify.annotations.NullMarked;
