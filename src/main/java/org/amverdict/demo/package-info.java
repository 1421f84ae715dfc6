/** Shows the engine at work on real packets between network namespaces of its own. */
@NullMarked
package org.amverdict.demo;

import org.jspecify.annotations.NullMarked;
