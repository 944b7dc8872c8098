/** Pruned models in use: from a result folder to predictions. */
@NullMarked
package org.vpns.predict;

import org.jspecify.annotations.NullMarked;
