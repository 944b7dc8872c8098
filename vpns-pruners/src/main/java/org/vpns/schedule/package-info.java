/**
 * When to prune how much: sparsity as a function of the step, and of the round. {@link
 * org.vpns.schedule.Schedules} and {@link org.vpns.schedule.Rounds} make them.
 */
@NullMarked
package org.vpns.schedule;

import org.jspecify.annotations.NullMarked;
