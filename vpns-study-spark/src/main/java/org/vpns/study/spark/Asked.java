package org.vpns.study.spark;

import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * The study that executors are to make runs of.
 *
 * @param plan class that builds it
 * @param arguments of the plan
 * @param fingerprint that it must have
 * @param keepsModels whether pruned models are kept
 * @param properties of the system, set before the engine starts where an executor has none
 */
record Asked(
    String plan,
    List<String> arguments,
    String fingerprint,
    boolean keepsModels,
    Map<String, String> properties)
    implements Serializable {}
