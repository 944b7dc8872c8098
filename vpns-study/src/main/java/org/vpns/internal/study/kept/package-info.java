/** What a study keeps in its folder, and how it comes from the folder of another machine. */
@NullMarked
package org.vpns.internal.study.kept;

import org.jspecify.annotations.NullMarked;
