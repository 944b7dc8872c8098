/** Pictures as numbers: decoding, resizing, reading ahead, MATLAB files. */
@NullMarked
package org.vpns.internal.data;

import org.jspecify.annotations.NullMarked;
