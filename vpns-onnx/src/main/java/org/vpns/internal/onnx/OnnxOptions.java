package org.vpns.internal.onnx;

import java.util.function.Predicate;

/**
 * What a user has said of how a file is to be read.
 *
 * @param constant whether a tensor that could learn stays constant, by its name in the file or as a
 *     parameter
 * @param batch number of images that the network is to take and nothing else, or 0 for any
 * @param quantised whether values on a grid of integers are computed as floats
 */
public record OnnxOptions(Predicate<String> constant, int batch, boolean quantised) {}
