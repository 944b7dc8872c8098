/** The page of one run, which is found by name, and files that may be compressed. */
@NullMarked
package org.vpns.internal.study;

import org.jspecify.annotations.NullMarked;
