/** What a result folder holds, apart from any engine. */
@NullMarked
package org.vpns.internal.predict;

import org.jspecify.annotations.NullMarked;
