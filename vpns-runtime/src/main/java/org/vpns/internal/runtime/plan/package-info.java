/** From a graph to steps: what is fused, how maps lie, where tensors live. */
@NullMarked
package org.vpns.internal.runtime.plan;

import org.jspecify.annotations.NullMarked;
