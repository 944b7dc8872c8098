/** A model's block as pruning sees it, and its arrays in memory; of no use to programs. */
@NullMarked
package org.vpns.internal.network;

import org.jspecify.annotations.NullMarked;
