/** Immutable answers to: may this host ask that host for this service, and on which ports? Core: pure. */
@NullMarked
package org.amverdict.policy;

import org.jspecify.annotations.NullMarked;
