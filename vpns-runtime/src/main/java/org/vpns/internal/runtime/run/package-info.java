/** Runs programs: memory, threads. */
@NullMarked
package org.vpns.internal.runtime.run;

import org.jspecify.annotations.NullMarked;
