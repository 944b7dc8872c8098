/**
 * What each operator does with the positions of its axes: the one table that narrowing and channel
 * groups share.
 */
@NullMarked
package org.vpns.internal.graph.width;

import org.jspecify.annotations.NullMarked;
