/** Channels in the flat arrays of parameters. */
@NullMarked
package org.vpns.internal.channels;

import org.jspecify.annotations.NullMarked;
