/** Reports from the kernel's connection tracking about the connections that the policy knows. */
@NullMarked
package org.amverdict.conntrack;

import org.jspecify.annotations.NullMarked;
