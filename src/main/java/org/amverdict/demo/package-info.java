/** Shows the engine at work: on real packets in a {@link org.amverdict.lab.NetworkLab}, or on recordings. */
@NullMarked
package org.amverdict.demo;

import org.jspecify.annotations.NullMarked;
