/**
 * Unstructured pruning methods. Each is a {@link org.vpns.train.Pruner}: a value that says which
 * stages the method is made of.
 */
@NullMarked
package org.vpns.prune;

import org.jspecify.annotations.NullMarked;
