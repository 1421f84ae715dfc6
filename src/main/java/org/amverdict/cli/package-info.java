/** The commands; the only package that wires the others together. */
@NullMarked
package org.amverdict.cli;

import org.jspecify.annotations.NullMarked;
