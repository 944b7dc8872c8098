/** Programs to run: the quick start, what it is made of, and how to use its result. */
@NullMarked
package org.vpns.examples;

import org.jspecify.annotations.NullMarked;
