/** Many runs: kept reports, comparisons, pages. */
@NullMarked
package org.vpns.study;

import org.jspecify.annotations.NullMarked;
