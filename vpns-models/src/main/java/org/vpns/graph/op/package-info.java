/**
 * The operators of a {@link org.vpns.graph.ModelGraph}, as values: each knows its attributes, the
 * shapes it gives, and the engine call that it stands for.
 */
@NullMarked
package org.vpns.graph.op;

import org.jspecify.annotations.NullMarked;
