/**
 * Reads the graph of operators off any block by running it once at two batch sizes with recording
 * arrays: {@link org.vpns.graph.trace.BlockTracer}.
 */
@NullMarked
package org.vpns.graph.trace;

import org.jspecify.annotations.NullMarked;
