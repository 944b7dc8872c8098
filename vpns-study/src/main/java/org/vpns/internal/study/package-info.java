/** What is found by name and never named; of no use to programs. */
@NullMarked
package org.vpns.internal.study;

import org.jspecify.annotations.NullMarked;
