/** Files of other programs, held against the answers of those. */
@NullMarked
package org.vpns.examples.exports;

import org.jspecify.annotations.NullMarked;
