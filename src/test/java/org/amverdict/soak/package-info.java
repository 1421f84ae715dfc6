/** The program under mixed traffic with faults, for as long as asked for: {@code ./dev soak}. */
package org.amverdict.soak;
