package org.vpns.onnx.read;

import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A network in an ONNX file, read and checked; {@link OnnxBlock} runs it. Immutable; safe to share
 * between threads.
 *
 * <p>Read are operator sets 9 to 21 of the standard domain, without control flow, functions,
 * sequences, text, sparse or quantised tensors, as far as {@link #supportedOperators} go. Weights
 * may lie in files beside the model, which must not change while this object is in use. Half
 * precision and bfloat16 become float32.
 *
 * <p>Most exporters fold batch norm into convolutions in evaluation mode; {@link #notes} tells so.
 * Export in training mode without constant folding to keep it.
 */
public final class OnnxFile {
  private static final byte[] POINTER =
      "version https://git-lfs".getBytes(StandardCharsets.US_ASCII);

  // deeper nesting than any model has, and shallow enough for any stack
  private static final int MAX_NESTING = 64;

  private final OnnxGraph graph;

  private OnnxFile(OnnxGraph graph) {
    this.graph = graph;
  }

  /**
   * Reads a file.
   *
   * @throws OnnxFormatException if it is no ONNX model, breaks the format or holds something that
   *     is not supported; all unsupported operators are listed at once
   * @throws IOException if it cannot be read
   */
  public static OnnxFile read(Path file) throws IOException {
    String source = file.toString();
    long size = Files.size(file);
    if (size > Integer.MAX_VALUE) {
      throw new OnnxFormatException(
          "model file too large",
          source,
          "less than 2^31 bytes",
          size,
          "keep the weights in a file of their own (external data)");
    }
    Path folder = file.toAbsolutePath().getParent();
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, (int) size, source, folder);
    }
  }

  /**
   * Reads from memory; all weights must be in the model itself.
   *
   * @param source what to call the content in messages
   * @throws OnnxFormatException as {@link #read}
   */
  public static OnnxFile parse(byte[] content, String source) throws IOException {
    return read(new ByteArrayInputStream(content), content.length, source, null);
  }

  private static OnnxFile read(InputStream in, int size, String source, @Nullable Path folder)
      throws IOException {
    InputStream stream = in.markSupported() ? in : new BufferedInputStream(in, 1 << 16);
    stream.mark(POINTER.length + 1);
    if (Arrays.equals(stream.readNBytes(POINTER.length), POINTER)) {
      throw new OnnxFormatException(
          "pointer instead of a model",
          source,
          "an ONNX model",
          "the text of a Git LFS pointer",
          "fetch the file's content, for example by git lfs pull");
    }
    stream.reset();
    ModelProto model;
    try {
      CodedInputStream coded = CodedInputStream.newInstance(stream, 1 << 16);
      coded.setSizeLimit(size);
      coded.setRecursionLimit(MAX_NESTING);
      model = ModelProto.parseFrom(coded);
      coded.checkLastTagWas(0);
    } catch (InvalidProtocolBufferException e) {
      throw new OnnxFormatException(
          "no ONNX model",
          source,
          "one protocol buffer message of " + size + " bytes",
          e.getMessage(),
          "fetch or export the model again",
          e);
    }
    return new OnnxFile(new GraphReader(source, new ExternalData(folder)).read(model));
  }

  /** Names of the operators that are read, sorted. */
  public static List<String> supportedOperators() {
    return Operators.names();
  }

  OnnxGraph graph() {
    return graph;
  }

  /** Version of the operator set, 9 to 21. */
  public int opset() {
    return graph.opset();
  }

  /** Name and version of the program that wrote the file, as it says. */
  public String producer() {
    return graph.producer();
  }

  /** The inputs, in order. */
  public List<OnnxPort> inputs() {
    return graph.inputs();
  }

  /** Names of the outputs, in order. */
  public List<String> outputs() {
    return graph.outputs();
  }

  /** How many nodes there are of each operator, sorted by name. */
  public Map<String, Integer> operators() {
    Map<String, Integer> counts = new TreeMap<>();
    for (OnnxGraph.Item item : graph.nodes()) {
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
          convolutions
              + " convolutions and no batch norm: if the exporter folded it, methods that read its"
              + " scales find none. Export in training mode without constant folding to keep it.");
    }
    long halves =
        graph.tensors().values().stream()
            .filter(t -> t.type() == ElementType.FLOAT16 || t.type() == ElementType.BFLOAT16)
            .count();
    if (halves > 0) {
      notes.add(halves + " tensors of half precision are read as float32.");
    }
    for (OnnxPort input : graph.inputs()) {
      Shape shape = input.shape();
      if (shape != null && shape.dimension() > 1 && shape.get(0) > 0) {
        notes.add(
            "Input '"
                + input.name()
                + "' has the fixed batch size "
                + shape.get(0)
                + ": other sizes work only if no shape in the graph depends on it.");
      }
    }
    return ImmutableList.copyOf(notes);
  }

  /** File, producer and size in one line. */
  @Override
  public String toString() {
    return graph.source()
        + ": "
        + graph.nodes().size()
        + " nodes, "
        + graph.tensors().size()
        + " tensors, operator set "
        + graph.opset();
  }
}
