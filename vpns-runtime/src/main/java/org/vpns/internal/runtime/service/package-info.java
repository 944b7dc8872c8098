/** How other modules find the runtime. */
@NullMarked
package org.vpns.internal.runtime.service;

import org.jspecify.annotations.NullMarked;
