/** What happens to images before a network sees them: resize, padding, normalisation, crops. */
@NullMarked
package org.vpns.image;

import org.jspecify.annotations.NullMarked;
