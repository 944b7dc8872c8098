package org.vpns;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.SymbolBlock;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which parameters hold one tensor. Those of DJL blocks do if they are one, or hold one array. A
 * TorchScript module hands out a new array for every name, so those are told by their memory: what
 * is written through one is read through the other.
 */
final class SharedTensors {
  private final List<NamedParameter> parameters;
  private final int[] first;

  private SharedTensors(List<NamedParameter> parameters) {
    this.parameters = parameters;
    first = new int[parameters.size()];
  }

  /** For each parameter, by position, the first one that holds its tensor, which may be itself. */
  static List<NamedParameter> firsts(List<NamedParameter> parameters) {
    SharedTensors shared = new SharedTensors(parameters);
    Map<Object, Integer> seen = new IdentityHashMap<>();
    Map<Float, List<Integer>> alike = new LinkedHashMap<>();
    for (int i = 0; i < parameters.size(); i++) {
      Parameter parameter = parameters.get(i).parameter();
      Integer earlier = seen.putIfAbsent(parameter, i);
      if (earlier == null && parameter.isInitialized()) {
        earlier = seen.putIfAbsent(parameter.getArray(), i);
        if (earlier == null && shared.isHandle(i)) {
          NDArray array = parameter.getArray();
          float value = array.getFloat(origin(array.getShape()));
          alike.computeIfAbsent(value, v -> new ArrayList<>()).add(i);
        }
      }
      shared.first[i] = earlier == null ? i : earlier;
    }
    alike.forEach(shared::compare);
    List<NamedParameter> firsts = new ArrayList<>();
    for (int i : shared.first) {
      firsts.add(parameters.get(i));
    }
    return firsts;
  }

  private NDArray array(int index) {
    return parameters.get(index).parameter().getArray();
  }

  private boolean isHandle(int index) {
    NDArray array = array(index);
    Shape shape = array.getShape();
    return parameters.get(index).owner() instanceof SymbolBlock
        && array.getDataType() == DataType.FLOAT32
        && shape.dimension() > 0
        && shape.size() > 0;
  }

  private static long[] origin(Shape shape) {
    return new long[shape.dimension()];
  }

  /**
   * Tells parameters apart that begin with the same value: each writes a number of its own there,
   * and where two read the same afterwards, it was the same place. Few networks have such
   * parameters besides fresh normalisation layers.
   */
  private void compare(float value, Collection<Integer> group) {
    if (group.size() == 1) {
      return;
    }
    try {
      int number = 0;
      for (int i : group) {
        write(i, ++number);
      }
      Map<Float, Integer> seen = new LinkedHashMap<>();
      for (int i : group) {
        NDArray array = array(i);
        Integer earlier = seen.putIfAbsent(array.getFloat(origin(array.getShape())), i);
        first[i] = earlier == null ? i : earlier;
      }
    } finally {
      group.forEach(i -> write(i, value));
    }
  }

  /** Past the engine where that is possible: it refuses to change what was loaded to predict. */
  private void write(int index, float value) {
    NDArray array = array(index);
    long[] origin = origin(array.getShape());
    if (!array.getDevice().isGpu()) {
      ByteBuffer memory = array.toByteBuffer(true).order(ByteOrder.nativeOrder());
      memory.putFloat(0, value);
      if (array.getFloat(origin) == value) {
        return; // not a copy
      }
    }
    array.set(new NDIndex(origin), value);
  }
}
