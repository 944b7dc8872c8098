/** Runs of a study in processes of this machine. */
@NullMarked
package org.vpns.study.process;

import org.jspecify.annotations.NullMarked;
