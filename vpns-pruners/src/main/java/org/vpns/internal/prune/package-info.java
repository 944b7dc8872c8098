/** The methods of this module, found by their names; of no use to programs. */
@NullMarked
package org.vpns.internal.prune;

import org.jspecify.annotations.NullMarked;
