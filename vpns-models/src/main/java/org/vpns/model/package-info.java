/** Networks as DJL blocks, with the parameter names that their usual weight files have. */
@NullMarked
package org.vpns.model;

import org.jspecify.annotations.NullMarked;
