package org.vpns.report;

import java.util.Map;

/**
 * The learned prompt as a picture.
 *
 * @param kind such as {@code pad}
 * @param options the prompt's options
 * @param channels channels
 * @param height canvas height in pixels
 * @param width canvas width in pixels
 * @param activePixels active pixels of one channel
 * @param parameters learned values, all channels
 * @param picture what is added to the canvas: channel, row, column
 */
public record PromptRecord(
    String kind,
    Map<String, String> options,
    int channels,
    int height,
    int width,
    int activePixels,
    long parameters,
    float[] picture) {}
