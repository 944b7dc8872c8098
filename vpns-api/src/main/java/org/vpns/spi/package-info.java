/** Names to factories: how stored results find the classes that make their parts again. */
@NullMarked
package org.vpns.spi;

import org.jspecify.annotations.NullMarked;
