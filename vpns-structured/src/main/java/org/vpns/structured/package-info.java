/**
 * Channels of networks: which of them can only leave together, with which slices of which
 * parameters, and their removal.
 */
@NullMarked
package org.vpns.structured;

import org.jspecify.annotations.NullMarked;
