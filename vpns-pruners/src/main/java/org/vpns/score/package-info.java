/**
 * What a weight is worth before any training: its magnitude, a random number, or the start of a
 * learned score. {@link org.vpns.score.Scorers} makes them.
 */
@NullMarked
package org.vpns.score;

import org.jspecify.annotations.NullMarked;
