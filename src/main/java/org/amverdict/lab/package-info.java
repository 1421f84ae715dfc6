/**
 * A network of network namespaces and the two ends of an Amanda conversation in it: what the demo, the end-to-end
 * benchmark, and the kernel tests run on. Knows the packaged program only as a process and by its HTTP pages.
 */
@NullMarked
package org.amverdict.lab;

import org.jspecify.annotations.NullMarked;
