package org.vpns.graph;

import static java.util.stream.Collectors.toMap;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Problem;
import org.vpns.internal.network.Engines;
import org.vpns.internal.network.StoredShapes;
import org.vpns.io.FormatException;
import org.vpns.io.SafeTensors;
import org.vpns.weights.WeightFile;

/**
 * A whole network in one safetensors file: its parameters by name, and its graph as text in the
 * file's metadata under {@code vpns.graph}. It loads without the class that built the network;
 * other programs read the parameters.
 */
public final class GraphFile {
  /** Value of the text's {@code format}. */
  public static final String FORMAT = GraphJson.FORMAT;

  private static final String KEY = "vpns.graph";

  private GraphFile() {}

  /**
   * A graph as JSON text, without the values of its parameters: one object with {@code format},
   * {@code inputs}, {@code parameters}, {@code constants}, {@code nodes} and {@code outputs}.
   * Inputs, parameters, constants and nodes carry the numbers of the tensors that they make;
   * numbers rise in the order in which a reader has to add the parts. Values that JSON lacks are
   * the strings {@code "NaN"}, {@code "Infinity"} and {@code "-Infinity"}.
   */
  public static String text(ModelGraph graph) {
    Problem.given(graph, "GraphFile.text", "graph");
    return GraphJson.write(graph);
  }

  /** The same for a network, of which those parameters learn that are not frozen now. */
  public static String text(GraphBlock block) {
    Problem.given(block, "GraphFile.text", "block");
    Set<String> frozen =
        ParameterPaths.of(block).frozen().stream()
            .map(NamedParameter::path)
            .collect(Collectors.toSet());
    return text(block.graph().learning(p -> !frozen.contains(p.path())));
  }

  /**
   * The graph of a text.
   *
   * @param source what to call the text in messages
   * @throws FormatException if it describes no graph
   */
  public static ModelGraph graph(String text, String source) throws FormatException {
    Problem.given(text, "GraphFile.graph", "text");
    Problem.given(source, "GraphFile.graph", "source");
    return GraphJson.read(text, source);
  }

  /**
   * Writes a network.
   *
   * @throws IllegalArgumentException if a parameter is neither float32 nor float64
   * @throws IOException if the file cannot be written
   */
  public static void save(GraphBlock block, Path file) throws IOException {
    Problem.given(block, "GraphFile.save", "block");
    Problem.given(file, "GraphFile.save", "file");
    WeightFile.save(block, file, ImmutableMap.of("format", "pt", KEY, text(block)));
  }

  /**
   * Reads a network.
   *
   * @param manager owner of its parameters; if reading fails, nothing stays with it
   * @throws IOException if the file cannot be read, breaks the format, or holds no graph
   */
  public static GraphBlock load(Path file, NDManager manager) throws IOException {
    Problem.given(file, "GraphFile.load", "file");
    Problem.given(manager, "GraphFile.load", "manager");
    SafeTensors tensors = SafeTensors.read(file);
    String text = tensors.metadata().get(KEY);
    if (text == null) {
      throw new FormatException(
          "no graph in the file",
          file.toString(),
          "metadata '" + KEY + "'",
          "none",
          GraphJson.AGAIN);
    }
    ModelGraph graph = GraphJson.read(text, file.toString());
    StoredShapes stored =
        new StoredShapes(tensors.names().stream().collect(toMap(name -> name, tensors::shape)));
    for (GraphParameter p : graph.parameters()) {
      stored.require(p.path(), p.shape(), file.toString());
      if (!tensors.type(p.path()).isFloat()) {
        throw new FormatException(
            "weights that are no floats",
            file + ", '" + p.path() + "'",
            "F32, F64, F16 or BF16",
            tensors.type(p.path()),
            GraphJson.AGAIN);
      }
    }
    GraphBlock block = GraphBlock.of(graph, manager);
    try {
      WeightFile.load(block, file);
      return block;
    } catch (Throwable e) {
      block.clear();
      throw e;
    }
  }

  /** As {@link #load(Path, NDManager)}, as a model of the file's name, which the caller closes. */
  public static Model open(Path file) throws IOException {
    Problem.given(file, "GraphFile.open", "file");
    Model model = Engines.newModel(String.valueOf(file.getFileName()));
    try {
      model.setBlock(load(file, model.getNDManager()));
      return model;
    } catch (Throwable e) {
      model.close();
      throw e;
    }
  }
}
