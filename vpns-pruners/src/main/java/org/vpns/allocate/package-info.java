/**
 * Ways of dividing the budget between the parameters: one ranking of all weights, one in each
 * parameter with a density of its own, patterns of N in M, or whole blocks. {@link
 * org.vpns.allocate.Allocations} makes them.
 */
@NullMarked
package org.vpns.allocate;

import org.jspecify.annotations.NullMarked;
