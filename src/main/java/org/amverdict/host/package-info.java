/**
 * What can be seen of the host without changing it: files, tools, sockets, parts of the kernel. Everything comes through
 * {@link org.amverdict.host.Host}, so that tests can feed captured texts. May use addresses and the native calls.
 */
@NullMarked
package org.amverdict.host;

import org.jspecify.annotations.NullMarked;
