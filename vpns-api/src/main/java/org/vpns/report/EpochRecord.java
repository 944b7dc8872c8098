package org.vpns.report;

import org.jspecify.annotations.Nullable;

/**
 * Averages of one epoch.
 *
 * @param epoch from 0
 * @param gradientSteps gradient steps in it
 * @param loss mean training loss over the steps
 * @param accuracy fraction of training images right, as met during the steps
 * @param validation fraction of validation images right after the epoch; null without validation
 */
public record EpochRecord(
    int epoch, long gradientSteps, double loss, double accuracy, @Nullable Double validation) {}
