/** Service that describes networks by their graphs; found by the service loader alone. */
@NullMarked
package org.vpns.internal.graph;

import org.jspecify.annotations.NullMarked;
