package org.vpns;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The prunable tensors of a network, in definition order: paths, shapes, and where each begins in
 * the flat vector of all their entries. Flat order is row-major within a tensor.
 */
public final class Layout {
  private final ImmutableList<String> paths;
  private final ImmutableList<Shape> shapes;
  private final int[] offsets;
  private final ImmutableMap<String, Integer> positions;

  private Layout(Map<String, Shape> tensors) {
    paths = ImmutableList.copyOf(tensors.keySet());
    shapes = ImmutableList.copyOf(tensors.values());
    offsets = new int[shapes.size() + 1];
    ImmutableMap.Builder<String, Integer> index = ImmutableMap.builder();
    for (int i = 0; i < shapes.size(); i++) {
      long end = (long) offsets[i] + Mask.sizeOf(shapes.get(i));
      if (end > Integer.MAX_VALUE) {
        throw Problem.argument(
            "too many prunable weights",
            paths.get(i),
            "at most " + Integer.MAX_VALUE + " in all",
            end,
            "prune fewer parameters: see ParameterFilter.except");
      }
      offsets[i + 1] = (int) end;
      index.put(paths.get(i), i);
    }
    positions = index.buildOrThrow();
  }

  /**
   * Layout of the given tensors, in the map's iteration order.
   *
   * @throws IllegalArgumentException if a dimension is unknown, or there are more than 2^31 - 1
   *     entries in all
   */
  public static Layout of(Map<String, Shape> tensors) {
    Problem.givenEach(tensors, "Layout.of", "tensors");
    return new Layout(new LinkedHashMap<>(tensors));
  }

  /** Number of tensors. */
  public int tensors() {
    return paths.size();
  }

  /** Number of entries of all tensors together. */
  public int size() {
    return offsets[paths.size()];
  }

  /** Paths in order. */
  public List<String> paths() {
    return paths;
  }

  /** Path of tensor {@code index}. */
  public String path(int index) {
    return paths.get(index);
  }

  /** Shape of tensor {@code index}. */
  public Shape shape(int index) {
    return shapes.get(index);
  }

  /** Flat position of the first entry of tensor {@code index}; for index = tensors(), the size. */
  public int offset(int index) {
    return offsets[index];
  }

  /** Number of entries of tensor {@code index}. */
  public int size(int index) {
    return offsets[index + 1] - offsets[index];
  }

  /** Inputs of one output of tensor {@code index}: the product of all dimensions but the first. */
  public long fanIn(int index) {
    return shapes.get(index).slice(1).size();
  }

  /** Whether a tensor of this path exists. */
  public boolean contains(String path) {
    Problem.given(path, "Layout.contains", "path");
    return positions.containsKey(path);
  }

  /**
   * Index of the tensor with the given path.
   *
   * @throws IllegalArgumentException if there is none
   */
  public int indexOf(String path) {
    Problem.given(path, "Layout.indexOf", "path");
    Integer index = positions.get(path);
    if (index == null) {
      throw Problem.argument(
          "no such prunable parameter",
          "'" + path + "'",
          "one of " + paths,
          path,
          "check the path");
    }
    return index;
  }

  /** Refuses what was made for another network. */
  void requireSame(String what, String where, Layout found) {
    if (equals(found)) {
      return;
    }
    int i = 0;
    while (i < Math.min(tensors(), found.tensors())
        && path(i).equals(found.path(i))
        && shape(i).equals(found.shape(i))) {
      i++;
    }
    throw Problem.argument(
        what,
        where,
        parameter(i),
        found.parameter(i),
        "make them for the layout of the ScoringContext, in its order");
  }

  private String parameter(int index) {
    return index < tensors()
        ? path(index) + " " + shape(index) + " as parameter " + (index + 1)
        : tensors() + " parameters";
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Layout other && paths.equals(other.paths) && shapes.equals(other.shapes);
  }

  @Override
  public int hashCode() {
    return 31 * paths.hashCode() + shapes.hashCode();
  }

  @Override
  public String toString() {
    return tensors() + " tensors, " + size() + " entries";
  }
}
