/** Runs pruned networks on a processor such that removed weights cost no time. */
@NullMarked
package org.vpns.runtime;

import org.jspecify.annotations.NullMarked;
