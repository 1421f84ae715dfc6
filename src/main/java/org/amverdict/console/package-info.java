/** What the commands that ask a running daemon print: from its answers to text for a person. Pure. */
@NullMarked
package org.amverdict.console;

import org.jspecify.annotations.NullMarked;
