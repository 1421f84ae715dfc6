/** What the kernel's connection tracking tells of the connections that the policy knows. */
@NullMarked
package org.amverdict.conntrack;

import org.jspecify.annotations.NullMarked;
