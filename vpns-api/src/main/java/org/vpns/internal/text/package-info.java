/** Numbers and tables in words; of no use to programs. */
@NullMarked
package org.vpns.internal.text;

import org.jspecify.annotations.NullMarked;
