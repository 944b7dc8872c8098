/**
 * Images for the examples: two small sets that ship with this module (their licences stand beside
 * the files), and readers for the formats that users bring. All readers give an {@link
 * org.vpns.study.data.ImageTable} and refuse a damaged file by name.
 */
@NullMarked
package org.vpns.examples.data;

import org.jspecify.annotations.NullMarked;
