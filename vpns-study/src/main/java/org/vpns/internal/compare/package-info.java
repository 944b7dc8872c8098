/** Figures of comparisons: their statistics, and tables of them. */
@NullMarked
package org.vpns.internal.compare;

import org.jspecify.annotations.NullMarked;
