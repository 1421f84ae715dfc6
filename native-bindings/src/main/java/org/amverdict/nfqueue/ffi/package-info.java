/** The C libraries through jnr-ffi, and nothing else: no other package may use jnr. */
@NullMarked
package org.amverdict.nfqueue.ffi;

import org.jspecify.annotations.NullMarked;
