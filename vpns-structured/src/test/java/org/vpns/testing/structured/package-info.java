/**
 * What every importance of channels promises, as tests; in the test-jar of vpns-structured. How to
 * use a contract stands in {@code org.vpns.testing.contract}.
 */
@NullMarked
package org.vpns.testing.structured;

import org.jspecify.annotations.NullMarked;
