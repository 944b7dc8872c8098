package org.vpns;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;

/**
 * A parameter with its dotted path, such as {@code layer1.0.conv1.weight}, and the block that holds
 * it.
 */
public record NamedParameter(String path, Parameter parameter, Block owner) {}
