package org.vpns.onnx;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.Problem;
import org.vpns.Value;
import org.vpns.graph.BatchNormFolding;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.network.Engines;
import org.vpns.internal.network.RemovedWeights;
import org.vpns.internal.text.Texts;
import org.vpns.predict.PrunedModel;

/**
 * A network on its way into an ONNX file (operators of opset 17, format version 8) that takes any
 * number of images. Made by {@link Onnx#export(PrunedModel)} and its like. Immutable and reusable:
 * every option gives a new one, and each can be set once.
 *
 * <p>Default: batch norm stays, all arrays are inside the file unless they exceed 1 GiB, and the
 * result is logits.
 */
public final class OnnxExport extends Value<OnnxExport> {
  private final Block block;
  private final ImmutableList<Shape> perImage;
  private final @Nullable PrunedModel pruned;
  private boolean foldBatchNorm;
  private boolean externalData;
  private boolean probabilities;
  private @Nullable ImmutableList<String> inputs;
  private @Nullable ImmutableList<String> results;

  private OnnxExport(Block block, List<Shape> perImage, @Nullable PrunedModel pruned) {
    this.block = block;
    this.perImage = ImmutableList.copyOf(perImage);
    this.pruned = pruned;
  }

  static OnnxExport of(Block block, Shape... perImage) {
    return new OnnxExport(block, List.of(perImage), null);
  }

  static OnnxExport of(PrunedModel pruned) {
    ImageInput input = pruned.input();
    Shape canvas = new Shape(input.channels(), input.height(), input.width());
    return new OnnxExport(pruned.model().getBlock(), List.of(canvas), pruned);
  }

  /**
   * Batch norm becomes part of the convolution or linear layer before it, where that is possible;
   * see {@link BatchNormFolding}. The file has fewer operators, and runs faster in runtimes that do
   * not do the same on loading; but it offers no scales to whoever wants to prune or train it
   * further.
   *
   * @throws IllegalStateException if set already
   */
  public OnnxExport foldBatchNorm() {
    requireUnset(foldBatchNorm, "foldBatchNorm");
    return with(export -> export.foldBatchNorm = true);
  }

  /**
   * Arrays of 1 kB and more go into a second file, {@code NAME.onnx.data}, which must stay beside
   * the first; it happens without being asked for when all arrays together exceed 1 GiB.
   *
   * @throws IllegalStateException if set already
   */
  public OnnxExport externalData() {
    requireUnset(externalData, "externalData");
    return with(export -> export.externalData = true);
  }

  /**
   * The result is probabilities that sum to 1, the softmax of the logits.
   *
   * @throws IllegalStateException if set already
   */
  public OnnxExport probabilities() {
    requireUnset(probabilities, "probabilities");
    return with(export -> export.probabilities = true);
  }

  /**
   * Inputs and results have these names, as those of another file that this one is to replace; a
   * model that was read tells them: {@link OnnxImport#INPUTS}, {@link OnnxImport#RESULTS}. A
   * parameter of such a name gets another one.
   *
   * @param newInputs of the inputs, in the network's order
   * @param newResults of the results, likewise
   * @throws IllegalArgumentException if one is empty or there twice
   * @throws IllegalStateException if set already
   */
  public OnnxExport names(List<String> newInputs, List<String> newResults) {
    requireUnset(inputs != null, "names");
    List<String> all =
        Stream.concat(
                Problem.givenEach(newInputs, "OnnxExport.names", "inputs").stream(),
                Problem.givenEach(newResults, "OnnxExport.names", "results").stream())
            .toList();
    Set<String> seen = new HashSet<>();
    for (String name : all) {
      if (name.isEmpty() || !seen.add(name)) {
        throw Problem.argument(
            name.isEmpty() ? "empty name" : "name given twice",
            "OnnxExport.names",
            "names that differ",
            all,
            "give each input and result a name of its own");
      }
    }
    return with(
        export -> {
          export.inputs = ImmutableList.copyOf(newInputs);
          export.results = ImmutableList.copyOf(newResults);
        });
  }

  private static void requireUnset(boolean set, String option) {
    if (set) {
      throw Problem.state(
          "option set twice", "OnnxExport." + option, "it once", "it again", "leave one out");
    }
  }

  /**
   * Writes the file. It is seen whole or not at all, an existing one is replaced, and the same
   * network gives the same bytes. Stored arrays bear the paths of their parameters; those that
   * nothing reads are left out. The property {@code vpns.graph} holds the {@link
   * ModelGraph#fingerprint() fingerprint} of the network as it was before any option changed it.
   *
   * <p>Cost: a trace of the network, if it is not a {@link GraphBlock}, and the memory of one more
   * copy of its weights with {@link #foldBatchNorm()}.
   *
   * @throws IllegalArgumentException if a graph cannot express what the network does, or the format
   *     some of its operators (the message lists all of them), or the options do not fit the
   *     network; nothing is written
   * @throws IllegalStateException if a removed weight of a pruned network is not 0
   * @throws IOException if writing fails
   */
  public void write(Path file) throws IOException {
    Problem.given(file, "OnnxExport.write", "file");
    if (pruned != null) {
      RemovedWeights.requireZero(pruned.model(), pruned.masks());
    }
    try (NDManager scope = Engines.newManager("ONNX export")) {
      NetworkValues network =
          block instanceof GraphBlock known
              ? known.network()
              : BlockTracer.network(block, perImage.toArray(Shape[]::new));
      Map<String, String> properties = new LinkedHashMap<>();
      properties.put("vpns.graph", network.graph().fingerprint());
      if (pruned != null) {
        properties.putAll(OnnxProperties.of(pruned, probabilities).asMap());
      }
      ExportGraph graph = Exporter.graph(source(network, scope));
      OnnxWriter.write(graph, properties, externalData, file);
    }
  }

  private ExportSource source(NetworkValues network, NDManager scope) {
    NetworkValues values =
        foldBatchNorm ? BatchNormFolding.fold(network, scope).network() : network;
    ExportSource source = ExportSource.of(values, "input", "output");
    if (pruned != null) {
      source = source.with(ExportWrap.images(values.graph(), pruned), "images", "logits");
    }
    if (probabilities) {
      source =
          source.with(
              ExportWrap.probabilities(source.network().graph()),
              pruned == null ? "input" : "images",
              "probabilities");
    }
    return inputs == null || results == null ? source : named(source, inputs, results);
  }

  private static ExportSource named(
      ExportSource source, ImmutableList<String> inputs, ImmutableList<String> results) {
    if (inputs.size() != source.inputs().size() || results.size() != source.outputs().size()) {
      throw Problem.argument(
          "names do not fit the network",
          "OnnxExport.names",
          Texts.plural(source.inputs().size(), "input")
              + " and "
              + Texts.plural(source.outputs().size(), "result"),
          inputs + " and " + results,
          "give each of them a name, in the network's order");
    }
    return source.named(inputs, results);
  }
}
