/** Text for a person's terminal or log. Knows the language only, so that every room may use it. */
@NullMarked
package org.amverdict.text;

import org.jspecify.annotations.NullMarked;
