/** Single images in, class names with probabilities out. */
@NullMarked
package org.vpns.predict;

import org.jspecify.annotations.NullMarked;
