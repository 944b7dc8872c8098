/** Readers of image data on disk. */
@NullMarked
package org.vpns.study.data;

import org.jspecify.annotations.NullMarked;
