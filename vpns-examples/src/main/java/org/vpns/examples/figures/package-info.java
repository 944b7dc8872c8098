/** A main for each figure and table of the paper, and one for all of them. */
@NullMarked
package org.vpns.examples.figures;

import org.jspecify.annotations.NullMarked;
