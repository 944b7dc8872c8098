/** Pruning methods by name: {@link org.vpns.plugin.NamedPruners} finds them on the class path. */
@NullMarked
package org.vpns.plugin;

import org.jspecify.annotations.NullMarked;
