/** How runs go on, shown to people. */
@NullMarked
package org.vpns.study.progress;

import org.jspecify.annotations.NullMarked;
