/** What studies need beside their own types: the page of one run, compressed files, engines. */
@NullMarked
package org.vpns.internal.study;

import org.jspecify.annotations.NullMarked;
