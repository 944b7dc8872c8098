/**
 * What a weight is worth before any training: its magnitude, a random number, the start of a
 * learned score, its gradient or curvature on some images, or its share of the flow through the
 * network. {@link org.vpns.score.Scorers} makes them.
 */
@NullMarked
package org.vpns.score;

import org.jspecify.annotations.NullMarked;
