/**
 * What every implementation of a contract promises, as tests. Take the test-jar of vpns-api,
 *
 * <pre>{@code
 * <dependency>
 *   <groupId>org.vpns</groupId>
 *   <artifactId>vpns-api</artifactId>
 *   <version>...</version>
 *   <type>test-jar</type>
 *   <scope>test</scope>
 * </dependency>
 * }</pre>
 *
 * extend one of these classes in your own tests, say how your object is made, and run it. JUnit 5,
 * AssertJ and an engine come from your own dependencies. Pruners have theirs in the test-jar of
 * vpns-train.
 */
@NullMarked
package org.vpns.testing.contract;

import org.jspecify.annotations.NullMarked;
