package org.vpns.weights;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.io.NamedTensors;
import org.vpns.io.TensorType;

/**
 * Tensors by whatever author, held to what they should give.
 *
 * @param given the author's
 * @param source what to call them in messages
 */
record GivenTensors(NamedTensors given, String source) implements NamedTensors {
  @Override
  public List<String> names() {
    return Problem.givenEach(given.names(), source, "what NamedTensors.names gives");
  }

  @Override
  public boolean contains(String name) {
    return given.contains(named(name, "contains"));
  }

  @Override
  public Shape shape(String name) {
    return given(given.shape(named(name, "shape")), name, "shape");
  }

  @Override
  public TensorType type(String name) {
    return given(given.type(named(name, "type")), name, "type");
  }

  @Override
  public float[] floats(String name) {
    float[] values = given(given.floats(named(name, "floats")), name, "floats");
    requireLength(values.length, name, "floats");
    return values;
  }

  @Override
  public double[] doubles(String name) {
    double[] values = given(given.doubles(named(name, "doubles")), name, "doubles");
    requireLength(values.length, name, "doubles");
    return values;
  }

  @Override
  public Map<String, String> metadata() {
    return Problem.givenEach(given.metadata(), source, "what NamedTensors.metadata gives");
  }

  private static String named(String name, String method) {
    return Problem.given(name, "NamedTensors." + method, "name");
  }

  private <T> T given(@Nullable T value, String name, String method) {
    return Problem.given(
        value, source + ", tensor '" + name + "'", "what NamedTensors." + method + " gives");
  }

  private void requireLength(int length, String name, String method) {
    Shape shape = shape(name);
    if (length != shape.size()) {
      throw Problem.argument(
          "values do not fill the tensor",
          source + ", tensor '" + name + "', what NamedTensors." + method + " gives",
          shape.size() + " for " + shape,
          length,
          "give one for each entry");
    }
  }
}
