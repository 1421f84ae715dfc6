/**
 * Random interleavings of honest exchanges, attacks and accidents over a simulated network with the real engine in its
 * middle, against the properties P1 to P9 of threats.md.
 */
package org.amverdict.simulation;
