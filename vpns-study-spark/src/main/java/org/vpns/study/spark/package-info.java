/** Runs of a study on an Apache Spark cluster. */
@NullMarked
package org.vpns.study.spark;

import org.jspecify.annotations.NullMarked;
