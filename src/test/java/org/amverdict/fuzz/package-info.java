/**
 * What the fuzz tests share. A fuzz test is in the package of the code that it feeds; "./dev fuzz" finds them by their
 * names.
 */
package org.amverdict.fuzz;
