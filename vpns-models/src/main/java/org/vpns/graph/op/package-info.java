/**
 * What every operator of a {@link org.vpns.graph.ModelGraph} tells: its attributes, the shapes it
 * gives, and the engine call that it stands for.
 */
@NullMarked
package org.vpns.graph.op;

import org.jspecify.annotations.NullMarked;
