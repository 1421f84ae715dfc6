/** The YAML file and the options, made into one validated, immutable Settings. */
@NullMarked
package org.amverdict.config;

import org.jspecify.annotations.NullMarked;
