/**
 * What moves during training, outside the engine's graph. The run owns the true weights theta, the
 * scores c and the mask m; before a pass it writes w = m * theta into the network's own parameters,
 * runs the unchanged network, and reads dL/dw from them. Mask finding then uses dL/dc = dL/dw *
 * theta * sign(c), tuning dL/dtheta = dL/dw * m. Machinery for {@code org.vpns.train}; users of the
 * library do not need it.
 */
@NullMarked
package org.vpns.internal.learn;

import org.jspecify.annotations.NullMarked;
