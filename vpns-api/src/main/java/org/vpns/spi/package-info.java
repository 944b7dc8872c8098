/** What other modules bring to results by the class path: kinds of prompts, pages of reports. */
@NullMarked
package org.vpns.spi;

import org.jspecify.annotations.NullMarked;
