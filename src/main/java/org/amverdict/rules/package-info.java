/** Writes the iptables and nft rule sets that send the right packets to the queues. */
@NullMarked
package org.amverdict.rules;

import org.jspecify.annotations.NullMarked;
