package org.vpns.learn;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All parameters and statistics of a network.
 *
 * @param values by path
 * @param module a TorchScript module in its own format; null for blocks of DJL
 */
public record NetworkState(Map<String, float[]> values, byte @Nullable [] module) {}
