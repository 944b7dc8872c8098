/** Every method and control on one task: the program, its tasks, and what each method is given. */
@NullMarked
package org.vpns.examples.compare;

import org.jspecify.annotations.NullMarked;
