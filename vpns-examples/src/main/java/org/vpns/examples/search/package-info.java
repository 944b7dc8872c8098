/**
 * Searches: settings of the methods, and the best sparse network for who does not care for methods.
 */
@NullMarked
package org.vpns.examples.search;

import org.jspecify.annotations.NullMarked;
