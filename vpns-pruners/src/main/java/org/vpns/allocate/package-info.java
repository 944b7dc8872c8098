/**
 * Ways of dividing the budget between the parameters: one ranking of all weights, or one in each
 * parameter. {@link org.vpns.allocate.Allocations} makes them.
 */
@NullMarked
package org.vpns.allocate;

import org.jspecify.annotations.NullMarked;
