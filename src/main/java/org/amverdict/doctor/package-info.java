/**
 * The doctor: one class per check of the host, each of which only reads and changes nothing. Everything the checks see
 * of the host comes through {@link org.amverdict.host.Host}.
 */
@NullMarked
package org.amverdict.doctor;

import org.jspecify.annotations.NullMarked;
