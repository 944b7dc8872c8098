/**
 * Files: {@link org.vpns.io.SafeTensors} for arrays by name, {@link org.vpns.io.MaskFile} for
 * masks. A file appears whole or not at all; readers check every claim of a file against its size
 * before they act on it.
 */
@NullMarked
package org.vpns.io;

import org.jspecify.annotations.NullMarked;
