/** Methods that remove channels, compared. */
@NullMarked
package org.vpns.examples.channels;

import org.jspecify.annotations.NullMarked;
