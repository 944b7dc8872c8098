/** Programs that are kept beside the result that they were made of. */
@NullMarked
package org.vpns.internal.runtime.prepared;

import org.jspecify.annotations.NullMarked;
