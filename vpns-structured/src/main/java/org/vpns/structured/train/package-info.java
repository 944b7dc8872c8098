/** Training that pulls channels towards zero, so that little is lost when they leave. */
@NullMarked
package org.vpns.structured.train;

import org.jspecify.annotations.NullMarked;
