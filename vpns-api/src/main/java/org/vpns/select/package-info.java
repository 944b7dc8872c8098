/** Exact selection: the k largest of millions of scores, ties to the lower position. */
@NullMarked
package org.vpns.select;

import org.jspecify.annotations.NullMarked;
