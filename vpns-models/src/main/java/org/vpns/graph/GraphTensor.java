package org.vpns.graph;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * A value that flows through a graph.
 *
 * @param shape its shape; -1 for the batch and what follows from it
 * @param type element type
 */
public record GraphTensor(Shape shape, DataType type) {}
