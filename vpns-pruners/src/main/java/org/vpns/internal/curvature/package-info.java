/** Products of the loss's Hessian with a vector, as GraSP needs them. */
@NullMarked
package org.vpns.internal.curvature;

import org.jspecify.annotations.NullMarked;
