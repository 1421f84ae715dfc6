/** One thread, one queue, one duty cycle: receive, judge, answer, keep house. */
@NullMarked
package org.amverdict.worker;

import org.jspecify.annotations.NullMarked;
