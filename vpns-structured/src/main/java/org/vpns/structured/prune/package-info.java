/** Methods that learn which channels stay, and the runs that take the others out. */
@NullMarked
package org.vpns.structured.prune;

import org.jspecify.annotations.NullMarked;
