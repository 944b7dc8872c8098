/**
 * The trainer: a {@link org.vpns.train.Recipe} is a list of {@link org.vpns.train.Stage}s, a stage
 * trains targets in {@link org.vpns.train.Pass}es, and {@link org.vpns.train.Trainer} runs it on a
 * model and images.
 */
@NullMarked
package org.vpns.train;

import org.jspecify.annotations.NullMarked;
