/**
 * Values and contracts of pruning: {@link org.vpns.Sparsity}, {@link org.vpns.Mask}, {@link
 * org.vpns.MaskSet}, {@link org.vpns.Scores}; who computes scores, who spends the budget, what a
 * visual prompt and a label mapping are. Nothing here trains anything.
 */
@NullMarked
package org.vpns;

import org.jspecify.annotations.NullMarked;
