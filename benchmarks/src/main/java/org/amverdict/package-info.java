/** JMH benchmarks: one class, one question, in the package of the class it measures. */
package org.amverdict;
