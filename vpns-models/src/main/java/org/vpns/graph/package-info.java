/**
 * A network as a graph of operators: {@link org.vpns.graph.ModelGraph}, the block that runs one,
 * and what can be read off it.
 */
@NullMarked
package org.vpns.graph;

import org.jspecify.annotations.NullMarked;
