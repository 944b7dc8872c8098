/** What runs a planned network: vectors over blocks of maps. */
@NullMarked
package org.vpns.internal.runtime.kernel;

import org.jspecify.annotations.NullMarked;
