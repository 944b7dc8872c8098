package org.vpns.internal.onnx;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.io.MemoryBound;
import org.vpns.internal.onnx.OnnxValue.OnDevice;
import org.vpns.internal.onnx.OnnxValue.OnHost;
import org.vpns.internal.onnx.OnnxValue.Origin;

/**
 * The inputs of a node during one forward pass, as an operator wants to see them.
 *
 * <p>Only methods of DJL's interfaces are called on arrays, none in place, and values are read only
 * where an operator needs numbers of the host, so that stand-ins may take the arrays' place and
 * record what happens.
 */
final class Operands {
  /** Multiplications that the engine does while it goes through one element of other operators. */
  private static final int TERMS_PER_ELEMENT = 16;

  private final OnnxNode node;
  private final List<OnnxValue> values;
  private final Room room;
  private final @Nullable NDManager manager;
  private final boolean training;
  private final List<NDArray> temporaries;

  /** How many elements may still be made and looked at. */
  interface Room {
    /**
     * Fails if so many elements are too many.
     *
     * @param inJava whether they take Java's memory, else the engine's
     */
    void require(OnnxNode node, long elements, boolean inJava);

    /** Names of the network's inputs, for messages. */
    default List<String> inputs() {
      return List.of();
    }

    /** Counts elements of Java's memory that the engine holds until the pass ends. */
    default void lend(OnnxNode node, long elements) {
      require(node, elements, true);
    }

    /** Counts elements that a node looks at beside those of its inputs, or fails before it does. */
    default void spend(OnnxNode node, long elements) {}

    /** Counts an array that the engine makes, or fails. */
    default void array(OnnxNode node) {}

    /** Counts steps of sequences, of some twenty operators each, or fails before they are run. */
    default void step(OnnxNode node, long steps) {}

    /** Counts multiplications with their additions, or fails before they happen. */
    default void sum(OnnxNode node, long terms) {
      spend(node, terms / TERMS_PER_ELEMENT);
    }
  }

  /**
   * @param manager where new arrays belong, or null if everything must happen on the host
   */
  Operands(
      OnnxNode node,
      List<OnnxValue> values,
      Room room,
      @Nullable NDManager manager,
      boolean training) {
    this(node, values, room, manager, training, new ArrayList<>());
  }

  private Operands(
      OnnxNode node,
      List<OnnxValue> values,
      Room room,
      @Nullable NDManager manager,
      boolean training,
      List<NDArray> temporaries) {
    this.node = node;
    this.values = values;
    this.room = room;
    this.manager = manager;
    this.training = training;
    this.temporaries = temporaries;
  }

  /** The same node with other inputs; intermediate results of both are closed together. */
  Operands with(List<OnnxValue> others) {
    return new Operands(node, others, room, manager, training, temporaries);
  }

  List<OnnxValue> values() {
    return values;
  }

  int count() {
    return values.size();
  }

  boolean has(int input) {
    return input < values.size() && !(values.get(input) instanceof OnnxValue.Absent);
  }

  OnnxValue value(int input) {
    return values.get(input);
  }

  Shape shape(int input) {
    return values.get(input).shape();
  }

  /** Number of axes. */
  int rank(int input) {
    return shape(input).dimension();
  }

  /** Whether the forward pass is one of training. */
  boolean training() {
    return training;
  }

  boolean onHost(int input) {
    return values.get(input) instanceof OnHost;
  }

  /** Whether all inputs that are there are known to Java. */
  boolean allOnHost() {
    return values.stream().noneMatch(OnDevice.class::isInstance);
  }

  /** Whether a value was computed in this pass or handed in: fit to own the result's memory. */
  static boolean isPassing(OnnxValue value) {
    return value instanceof OnDevice device && device.origin() != Origin.PARAMETER;
  }

  /** The element type, as the engine has it. */
  DataType engineType(int input) {
    return engineType(values.get(input));
  }

  /** As {@link #engineType(int)}. */
  static DataType engineType(OnnxValue value) {
    return value instanceof OnDevice device
        ? device.array().getDataType()
        : ((OnHost) value).tensor().type().engineType();
  }

  /**
   * Fails unless both have one element type. The engine would widen them, perhaps to a type that it
   * cannot handle afterwards.
   */
  void requireSameType(OnnxValue a, OnnxValue b) {
    if (engineType(a) != engineType(b)) {
      throw problem(
          "element types differ",
          engineType(a) + " as of the first",
          engineType(b),
          "export the model again");
    }
  }

  /** An input as an array. */
  NDArray array(int input) {
    return array(values.get(input));
  }

  /** As {@link #array(int)}. */
  NDArray array(OnnxValue value) {
    return value instanceof OnDevice device ? device.array() : constant(((OnHost) value).tensor());
  }

  /** Values of Java as an array of this pass. It stays open: it lends Java's memory. */
  NDArray constant(HostTensor tensor) {
    if (manager == null) {
      throw new IllegalStateException(node.where() + " cannot run without an engine");
    }
    room.lend(node, tensor.size());
    room.array(node);
    return tensor.toArray(manager);
  }

  /** An input as numbers in Java. Values of an array are read, which a trace refuses. */
  HostTensor host(int input) {
    OnnxValue value = values.get(input);
    if (value instanceof OnHost host) {
      return host.tensor();
    }
    NDArray array = ((OnDevice) value).array();
    if (Proxy.isProxyClass(array.getClass())) {
      // only stands for numbers, which images or parameters decide
      String name = node.inputs().get(input);
      throw problem(
          "values of images say what a node does",
          "numbers that the file holds or that follow from shapes",
          "input " + input + ", '" + name + "', from images",
          "cut out the part of the network before it: "
              + CutAdvice.command(room.inputs(), List.of(name)));
    }
    return read(array);
  }

  private HostTensor read(NDArray array) {
    Shape shape = array.getShape();
    room.require(node, shape.size(), true);
    ElementType type = ElementType.of(array.getDataType());
    return switch (array.getDataType()) {
      case FLOAT64 -> HostTensor.of(type, shape, array.toDoubleArray());
      case INT64 -> HostTensor.of(type, shape, array.toLongArray());
      case INT32 -> {
        int[] ints = array.toIntArray();
        yield HostTensor.made(type, shape, i -> ints[i], i -> ints[i]);
      }
      case INT8, UINT8, BOOLEAN -> {
        byte[] bytes = array.toByteArray();
        int mask = type == ElementType.INT8 ? -1 : 0xff;
        yield HostTensor.made(type, shape, i -> bytes[i] & mask, i -> bytes[i]);
      }
      default -> HostTensor.of(type, shape, array.toFloatArray());
    };
  }

  /** A small vector of integers, or a single one. */
  long[] longs(int input) {
    HostTensor tensor = host(input);
    if (tensor.isFloat() || tensor.shape().dimension() > 1) {
      throw problem(
          "input " + input + " is no list of integers",
          "integers of one axis",
          tensor,
          "export the model again");
    }
    return tensor.toLongs();
  }

  /** A single number. */
  HostTensor single(int input) {
    HostTensor tensor = host(input);
    if (tensor.size() != 1) {
      throw problem(
          "input " + input + " is no single number", "1 element", tensor, "export the model again");
    }
    return tensor;
  }

  /** An axis counted from 0, given one that may count from the end. */
  int axis(long axis, int rank) {
    long result = axis < 0 ? axis + rank : axis;
    if (result < 0 || result >= rank) {
      throw problem(
          "axis out of range", -rank + " to " + (rank - 1), axis, "check the shapes of the inputs");
    }
    return (int) result;
  }

  /** Axes counted from 0, ascending, each once. */
  int[] axes(long[] axes, int rank) {
    int[] result = new int[axes.length];
    for (int i = 0; i < axes.length; i++) {
      result[i] = axis(axes[i], rank);
    }
    Arrays.sort(result);
    for (int i = 1; i < result.length; i++) {
      if (result[i] == result[i - 1]) {
        throw problem("axis given twice", "each axis once", result[i], "export the model again");
      }
    }
    return result;
  }

  /** Fails unless the input has a number of axes between two bounds. */
  void requireRank(int input, int least, int most) {
    if (rank(input) < least || rank(input) > most) {
      throw problem(
          "input " + input + " has another number of axes",
          least == most ? least : least + " to " + most,
          shape(input),
          "check the shape of the network's input");
    }
  }

  /** Fails if an array of this shape would be too large. */
  Shape requireRoom(Shape shape) {
    room.require(node, MemoryBound.elements(shape), allOnHost());
    return shape;
  }

  /** Fails if so many arrays of this shape at a time would be too large. */
  void requireRoom(Shape shape, long times) {
    long elements = MemoryBound.times(requireRoom(shape).size(), times);
    room.require(node, elements, allOnHost());
    room.spend(node, elements);
  }

  /**
   * Fails if a result whose elements are sums would take too long.
   *
   * @param terms of each sum: multiplications with their additions
   */
  void requireSums(Shape result, long... terms) {
    long all = MemoryBound.elements(result);
    for (long each : terms) {
      all = MemoryBound.times(all, each);
    }
    room.sum(node, all);
  }

  /** Fails if a pass has no time for so many steps of a sequence. */
  void requireSteps(long steps) {
    room.step(node, steps);
  }

  /** Marks an intermediate result, which is closed when the node has run. */
  NDArray temporary(NDArray array) {
    temporaries.add(array);
    room.array(node);
    return array;
  }

  /**
   * Runs the node and closes its intermediate results. What the engine or arithmetic has against it
   * is told with the node's name.
   */
  List<OnnxValue> run(Function<Operands, List<OnnxValue>> step) {
    List<OnnxValue> outputs = List.of();
    try {
      outputs = step.apply(this);
    } catch (EngineException | ArithmeticException | IndexOutOfBoundsException e) {
      IllegalArgumentException problem =
          problem(
              "node cannot run",
              "inputs that it is defined for",
              String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString()),
              "give the input the shape that the model was exported with");
      problem.initCause(e);
      throw problem;
    } finally {
      closeTemporaries(outputs);
    }
    return outputs;
  }

  private void closeTemporaries(List<OnnxValue> outputs) {
    for (NDArray array : temporaries) {
      if (outputs.stream()
          .noneMatch(out -> out instanceof OnDevice device && device.array() == array)) {
        array.close();
      }
    }
  }

  /** An error of this node. */
  IllegalArgumentException problem(String what, Object expected, Object found, String remedy) {
    return node.problem(what, expected, found, remedy);
  }
}
