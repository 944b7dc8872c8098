/**
 * What channels are worth: importances, how the scores of a unit's slices become one, and how
 * scores of groups become comparable.
 */
@NullMarked
package org.vpns.structured.score;

import org.jspecify.annotations.NullMarked;
