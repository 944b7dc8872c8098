/**
 * What the tests of all modules share: a small network with known weights, the numbers that go with
 * it, and access to the larger files that are not part of the project.
 */
package org.vpns.testing;
