/** Label mappings: which outputs of a pretrained network stand for the classes of a new task. */
@NullMarked
package org.vpns.mapping;

import org.jspecify.annotations.NullMarked;
