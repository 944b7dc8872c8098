/**
 * One batch, one state: images in batches, a step of gradients, what scorers are shown, snapshots
 * and their file. Knows no recipe and no stages; machinery for {@code org.vpns.train}.
 */
@NullMarked
package org.vpns.internal.run;

import org.jspecify.annotations.NullMarked;
