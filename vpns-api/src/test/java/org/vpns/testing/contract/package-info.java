/**
 * What every implementation of a contract promises, as tests: extend one of these classes in your
 * own tests, say how your object is made, and run it. JUnit 5, AssertJ and an engine come from your
 * own dependencies.
 */
@NullMarked
package org.vpns.testing.contract;

import org.jspecify.annotations.NullMarked;
