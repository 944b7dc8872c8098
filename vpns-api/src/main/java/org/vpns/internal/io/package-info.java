/** Files that are written whole or not at all, and how they are read; of no use to programs. */
@NullMarked
package org.vpns.internal.io;

import org.jspecify.annotations.NullMarked;
