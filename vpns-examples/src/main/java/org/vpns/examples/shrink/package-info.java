/** Networks made smaller and faster, from the command line. */
@NullMarked
package org.vpns.examples.shrink;

import org.jspecify.annotations.NullMarked;
