/** The control language of Amanda: header, request and reply, as bytes. Core: pure, no allocation once warm. */
@NullMarked
package org.amverdict.amanda;

import org.jspecify.annotations.NullMarked;
