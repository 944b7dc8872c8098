/** What the service loader finds of this module; of no use to programs. */
@NullMarked
package org.vpns.internal.prune;

import org.jspecify.annotations.NullMarked;
