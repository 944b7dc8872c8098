/** What a forward pass of a network takes, measured. */
@NullMarked
package org.vpns.latency;

import org.jspecify.annotations.NullMarked;
