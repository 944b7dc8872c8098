/** Weight files of any format into networks: {@link org.vpns.weights.WeightFile}. */
@NullMarked
package org.vpns.weights;

import org.jspecify.annotations.NullMarked;
