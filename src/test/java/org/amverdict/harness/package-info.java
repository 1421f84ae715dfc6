/**
 * What the kernel tests are made of: the packaged program in a lab network, trials and exchanges with it, and what the
 * kernel says about them. No tests.
 */
@NullMarked
package org.amverdict.harness;

import org.jspecify.annotations.NullMarked;
