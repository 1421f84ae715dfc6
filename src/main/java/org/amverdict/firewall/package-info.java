/**
 * The host's packet filter as iptables and nft print it: reads the rules and traces a hypothetical packet through them.
 * Changes nothing. May use host, addresses and JSON.
 */
@NullMarked
package org.amverdict.firewall;

import org.jspecify.annotations.NullMarked;
