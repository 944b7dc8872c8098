/**
 * Files: {@link org.vpns.io.SafeTensors} for arrays by name, {@link org.vpns.io.MaskFormat} for
 * masks, {@link org.vpns.internal.io.AtomicFiles} so that a file appears whole or not at all.
 * Readers check every claim of a file against its size before they act on it.
 */
@NullMarked
package org.vpns.io;

import org.jspecify.annotations.NullMarked;
