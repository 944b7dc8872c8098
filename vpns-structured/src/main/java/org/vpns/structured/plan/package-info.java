/** Which channels leave a network under a budget, and the smaller network that is left. */
@NullMarked
package org.vpns.structured.plan;

import org.jspecify.annotations.NullMarked;
