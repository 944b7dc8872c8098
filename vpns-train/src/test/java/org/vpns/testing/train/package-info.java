/**
 * What every pruner promises, as tests, and images for short runs; in the test-jar of vpns-train.
 * How to use a contract stands in {@code org.vpns.testing.contract}.
 */
@NullMarked
package org.vpns.testing.train;

import org.jspecify.annotations.NullMarked;
