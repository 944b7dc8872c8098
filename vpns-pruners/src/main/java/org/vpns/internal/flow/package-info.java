/**
 * The flow through a network whose weights all count by their absolute value, as SynFlow needs it
 * and the look for collapse does.
 */
@NullMarked
package org.vpns.internal.flow;

import org.jspecify.annotations.NullMarked;
