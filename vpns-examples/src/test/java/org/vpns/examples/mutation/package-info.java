/** Damage that knows a format's structure, and the readers that must stand it. */
@NullMarked
package org.vpns.examples.mutation;

import org.jspecify.annotations.NullMarked;
