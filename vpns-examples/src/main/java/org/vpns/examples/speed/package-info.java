/** How fast smaller and sparser networks are, beside how good. */
@NullMarked
package org.vpns.examples.speed;

import org.jspecify.annotations.NullMarked;
