package org.vpns.internal.onnx;

/**
 * What must hold for a node of a branch to run.
 *
 * @param condition name of the value that decides
 * @param value what it must be
 */
record Guard(String condition, boolean value) {}
