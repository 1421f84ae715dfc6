/**
 * The host's packet filter as iptables and nft print it: reads the rules and traces a packet, which nobody sends, through
 * them. Changes nothing. Knows the host, addresses and JSON.
 */
@NullMarked
package org.amverdict.firewall;

import org.jspecify.annotations.NullMarked;
