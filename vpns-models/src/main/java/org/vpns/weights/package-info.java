/** Weight files by name: {@link org.vpns.weights.WeightFile}. */
@NullMarked
package org.vpns.weights;

import org.jspecify.annotations.NullMarked;
