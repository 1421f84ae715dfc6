/** Netlink and nfnetlink_queue as bytes: views to read, writers to write. No I/O and no native call. */
@NullMarked
package org.amverdict.nfqueue.netlink;

import org.jspecify.annotations.NullMarked;
