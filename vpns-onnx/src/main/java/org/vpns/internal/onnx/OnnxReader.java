package org.vpns.internal.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.io.FileGuess;
import org.vpns.internal.io.InputFile;
import org.vpns.io.FormatException;

/**
 * Reads and checks files, and takes from them what is needed to run them.
 *
 * <p>Read are operator sets 7 to 28 of the standard domain, without control flow, sequences, text,
 * sparse or quantised tensors, as far as {@link #operators} go. Weights may lie in files beside the
 * model, which must not change while the result is in use. Half precision and bfloat16 become
 * float32.
 */
public final class OnnxReader {
  private static final String DENSE =
      "make them dense with Python: for s in model.graph.sparse_initializer: a ="
          + " numpy.zeros(s.dims, 'f'); i = onnx.numpy_helper.to_array(s.indices); a[tuple(i.T) if"
          + " i.ndim > 1 else numpy.unravel_index(i, a.shape)] ="
          + " onnx.numpy_helper.to_array(s.values);"
          + " model.graph.initializer.append(onnx.numpy_helper.from_array(a, s.values.name)), and"
          + " then del model.graph.sparse_initializer[:]";

  /** What the description of a stored array says if it does not learn. */
  public static final String CONSTANT = "constant";

  static final int LEAST_OPSET = 7;
  static final int MOST_OPSET = 28;

  private static final int LEAST_FORMAT = 3;
  private static final int MOST_FORMAT = 14;

  // deeper nesting than any model has, and shallow enough for any stack
  static final int MAX_NESTING = 64;

  private OnnxReader() {}

  /** Names of the operators that are read, sorted. */
  public static List<String> operators() {
    return GraphReader.operators();
  }

  /**
   * Reads a file.
   *
   * @throws FormatException if it is no ONNX model, breaks the format or holds something that is
   *     not supported; all unsupported operators are listed at once
   * @throws IOException if it cannot be read
   */
  public static OnnxFile read(Path file) throws IOException {
    String source = file.toString();
    InputFile.require(file, "an ONNX model");
    long size = Files.size(file);
    if (size > Integer.MAX_VALUE) {
      throw new FormatException(
          "model file too large",
          source,
          "less than 2^31 bytes",
          size,
          "keep the weights in a file of their own (external data)");
    }
    Path folder = file.toAbsolutePath().getParent();
    return read(() -> Files.newInputStream(file), (int) size, source, folder);
  }

  /**
   * Reads from memory; all weights must be in the model itself.
   *
   * @param source what to call the content in messages
   * @throws FormatException as {@link #read}
   */
  static OnnxFile parse(byte[] content, String source) throws IOException {
    return read(() -> new ByteArrayInputStream(content), content.length, source, null);
  }

  /** Opens the bytes of a model, each time anew. */
  private interface Opener {
    InputStream open() throws IOException;
  }

  private static OnnxFile read(Opener opener, int size, String source, @Nullable Path folder)
      throws IOException {
    byte[] head;
    try (InputStream in = opener.open()) {
      head = in.readNBytes(FileGuess.HEAD_BYTES);
    }
    requireNoOther(head, source);
    ModelProto model;
    try (InputStream first = opener.open();
        InputStream second = opener.open()) {
      ModelSize.require(coded(first, size), source);
      CodedInputStream coded = coded(second, size);
      model = ModelProto.parseFrom(coded);
      coded.checkLastTagWas(0);
    } catch (InvalidProtocolBufferException e) {
      throw new FormatException(
              "no ONNX model",
              source,
              "one protocol buffer message of " + size + " bytes",
              found(e),
              "fetch or export the model again")
          .causedBy(e);
    }
    return read(model, source, new ExternalData(folder));
  }

  /** The limit is the size of the file, so a message beyond it is one that was cut off. */
  private static String found(InvalidProtocolBufferException e) {
    String told = String.valueOf(e.getMessage());
    return told.startsWith("Protocol message was too large") ? "one that goes on behind it" : told;
  }

  private static CodedInputStream coded(InputStream in, int size) {
    CodedInputStream coded = CodedInputStream.newInstance(in, 1 << 16);
    coded.setSizeLimit(size);
    coded.setRecursionLimit(MAX_NESTING);
    return coded;
  }

  /** Another format may happen to be read as a message too. */
  private static void requireNoOther(byte[] head, String source) throws FormatException {
    Optional<FileGuess> other =
        FileGuess.ofKnown(head).filter(guess -> !guess.equals(FileGuess.ONNX));
    if (other.isPresent()) {
      FileGuess guess = other.get();
      throw new FormatException(
          "no ONNX model",
          source,
          "an ONNX model",
          guess.what(),
          guess.isWeights()
              ? guess.remedy() + ", or export the network with torch.onnx.export"
              : guess.remedy());
    }
  }

  private static OnnxFile read(ModelProto model, String source, ExternalData external)
      throws IOException {
    requireKnownParts(model, source);
    int opset = opset(model.getOpsetImportList(), source);
    GraphProto graph = LocalFunctions.inlined(model, opset, source);
    String producer = model.getProducerName() + " " + model.getProducerVersion();
    return new GraphReader(source, external).read(Branches.of(graph, source), opset, producer);
  }

  static FormatException bad(String what, String where, Object expected, @Nullable Object found) {
    return new FormatException(what, where, expected, found, "fetch or export the model again");
  }

  private static void requireKnownParts(ModelProto model, String source) throws FormatException {
    if (model.getIrVersion() == 0 && !model.hasGraph()) {
      throw bad(
          "no ONNX model", source + ", model", "a version of the format and a graph", "neither");
    }
    if (model.getIrVersion() < LEAST_FORMAT || model.getIrVersion() > MOST_FORMAT) {
      throw new FormatException(
          "version of the format not supported",
          source + ", model",
          LEAST_FORMAT + " to " + MOST_FORMAT,
          model.getIrVersion(),
          "let Python's onnx write it as an older one: model.ir_version = 10, and onnx.save");
    }
    if (!model.hasGraph() || model.getGraph().getNodeCount() == 0) {
      throw bad("no graph", source + ", model", "a graph with nodes", "none");
    }
    GraphProto graph = model.getGraph();
    if (model.getTrainingInfoCount() > 0) {
      throw new FormatException(
          "part of the format not supported",
          source + ", model",
          "a graph alone",
          model.getTrainingInfoCount() + " training graphs",
          "take them out: del model.training_info[:]");
    }
    if (graph.getSparseInitializerCount() > 0) {
      throw new FormatException(
          "part of the format not supported",
          source + ", model",
          "dense tensors",
          graph.getSparseInitializerCount() + " sparse initialisers",
          DENSE);
    }
  }

  private static int opset(List<OperatorSetIdProto> imports, String source) throws FormatException {
    Set<Long> versions = new LinkedHashSet<>();
    for (OperatorSetIdProto each : imports) {
      if (isStandard(each.getDomain())) {
        versions.add(each.getVersion());
      }
    }
    if (versions.size() != 1
        || versions.iterator().next() < LEAST_OPSET
        || versions.iterator().next() > MOST_OPSET) {
      throw new FormatException(
          "operator set not supported",
          source + ", model",
          "one version from " + LEAST_OPSET + " to " + MOST_OPSET,
          versions,
          "export the model with operator set 17");
    }
    return versions.iterator().next().intValue();
  }

  static boolean isStandard(String domain) {
    return domain.isEmpty() || domain.equals("ai.onnx");
  }
}
