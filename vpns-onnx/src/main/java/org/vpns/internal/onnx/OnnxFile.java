package org.vpns.internal.onnx;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.text.Texts;

/**
 * A network in an ONNX file, read and checked by {@link OnnxReader}: every value has one producer,
 * which comes before its readers, and every node is one that can be run. Immutable; safe to share
 * between threads.
 *
 * <p>Most exporters fold batch norm into convolutions in evaluation mode; {@link #notes} tells so.
 *
 * @param source what to call the file in messages
 * @param opset version of the operator set, 7 to 28
 * @param producer name and version of the program that wrote the file, as it says
 * @param nodes its nodes in order, with what each does
 * @param tensors initialisers by name, in the file's order
 * @param constants names of initialisers that do not learn, as the file says
 * @param inputs inputs that are no initialisers, in order
 * @param outputs names of the outputs, in order
 */
public record OnnxFile(
    String source,
    int opset,
    String producer,
    List<Item> nodes,
    Map<String, StoredTensor> tensors,
    Set<String> constants,
    List<OnnxPort> inputs,
    List<String> outputs) {
  public OnnxFile {
    nodes = ImmutableList.copyOf(nodes);
    tensors = ImmutableMap.copyOf(tensors);
    constants = ImmutableSet.copyOf(constants);
    inputs = ImmutableList.copyOf(inputs);
    outputs = ImmutableList.copyOf(outputs);
  }

  /** A node with what it does. */
  record Item(OnnxNode node, OnnxOperator.Step step, boolean onHost) {}

  /**
   * An input of the network.
   *
   * @param name its name in the file
   * @param type element type of the array to hand in; half precision is read as float32
   * @param shape its shape, -1 for sizes that the file leaves open; null if it tells no shape
   */
  public record OnnxPort(String name, DataType type, @Nullable Shape shape) {}

  /**
   * How many numbers the file stores, about: those of its tensors, and what constants that stand in
   * nodes take of the file.
   */
  long storedNumbers() {
    long stored = tensors.values().stream().mapToLong(each -> each.shape().size()).sum();
    return stored
        + nodes.stream().mapToLong(item -> item.node().attributeBytes()).sum() / Float.BYTES;
  }

  /** The same file, whose inputs of integers take floats. */
  OnnxFile withFloatInputs() {
    List<OnnxPort> ports =
        inputs.stream()
            .map(
                port ->
                    port.type().isFloating()
                        ? port
                        : new OnnxPort(port.name(), DataType.FLOAT32, port.shape()))
            .toList();
    return new OnnxFile(source, opset, producer, nodes, tensors, constants, ports, outputs);
  }

  /**
   * What a user should know if images come with their channels first: inputs that seem to have them
   * last, as files of Keras do, which turn them for their convolutions.
   */
  public List<String> layoutNotes() {
    boolean turns =
        nodes.stream()
            .map(OnnxFile.Item::node)
            .anyMatch(node -> node.operator().equals("Transpose") && node.bringsChannelsFirst());
    List<String> notes = new ArrayList<>();
    for (OnnxPort input : inputs) {
      Shape shape = input.shape();
      if (turns && shape != null && shape.dimension() == 4 && isColours(shape.get(3))) {
        notes.add(
            "Input '"
                + input.name()
                + "' "
                + shape
                + " has its channels last, and images have them first:"
                + " Onnx.open(file).channelsLast().read() turns them. Exporting again with"
                + " --inputs-as-nchw (tf2onnx) does so too.");
      }
    }
    return ImmutableList.copyOf(notes);
  }

  private static boolean isColours(long channels) {
    return channels == 1 || channels == 3;
  }

  /** How many nodes there are of each operator, sorted by name. */
  public Map<String, Integer> operators() {
    Map<String, Integer> counts = new TreeMap<>();
    for (OnnxFile.Item item : nodes) {
      counts.merge(item.node().operator(), 1, Integer::sum);
    }
    return ImmutableSortedMap.copyOf(counts);
  }

  /** What a user should know about this file, in sentences; empty if there is nothing. */
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    Map<String, Integer> operators = operators();
    int convolutions = operators.getOrDefault("Conv", 0);
    if (convolutions > 0 && !operators.containsKey("BatchNormalization")) {
      notes.add(
          Texts.plural(convolutions, "convolution")
              + " and no batch norm: if the exporter folded it, methods that read its"
              + " scales find none. Export in training mode without constant folding to keep it.");
    }
    long halves =
        tensors.values().stream()
            .filter(t -> t.type() == ElementType.FLOAT16 || t.type() == ElementType.BFLOAT16)
            .count();
    if (halves > 0) {
      notes.add(halves + " tensors of half precision are read as float32.");
    }
    for (OnnxPort input : inputs) {
      Shape shape = input.shape();
      if (shape != null && shape.dimension() > 1 && shape.get(0) > 0) {
        notes.add(
            "Input '"
                + input.name()
                + "' has the fixed batch size "
                + shape.get(0)
                + ": it is opened to any, if each image then gives what it gives alone.");
      }
    }
    return ImmutableList.copyOf(notes);
  }

  /** File, producer and size in one line. */
  @Override
  public String toString() {
    return source
        + ": "
        + nodes.size()
        + " nodes, "
        + tensors.size()
        + " tensors, operator set "
        + opset;
  }
}
