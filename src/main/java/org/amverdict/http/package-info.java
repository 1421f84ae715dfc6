/**
 * A small HTTP server for a few local readers: one thread, bounded connections, answers made elsewhere. Uses no other
 * package.
 */
@NullMarked
package org.amverdict.http;

import org.jspecify.annotations.NullMarked;
