/**
 * A small HTTP server for a few local readers: one thread, bounded connections, answers made elsewhere. Knows no other room.
 */
@NullMarked
package org.amverdict.http;

import org.jspecify.annotations.NullMarked;
