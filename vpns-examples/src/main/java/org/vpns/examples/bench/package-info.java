/** Benchmarks that print ratios measured in one run; what they found is in docs/benchmarks.md. */
@NullMarked
package org.vpns.examples.bench;

import org.jspecify.annotations.NullMarked;
