/**
 * Interpolation of pixels, which placement on the canvas and services share; of no use to programs.
 */
@NullMarked
package org.vpns.internal.image;

import org.jspecify.annotations.NullMarked;
