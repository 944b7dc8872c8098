package org.vpns.runtime;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.graph.GraphFile;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.internal.io.FolderReading;
import org.vpns.internal.predict.NetworkNote;
import org.vpns.internal.predict.NetworkText;
import org.vpns.internal.predict.PackedFormat;
import org.vpns.internal.predict.PackedValues;
import org.vpns.internal.predict.ResultDescription;
import org.vpns.internal.predict.ResultFiles;
import org.vpns.io.FormatException;
import org.vpns.io.MaskFile;
import org.vpns.io.SafeTensors;
import org.vpns.predict.PromptFile;

/**
 * A result folder, read without any engine.
 *
 * @param description what {@code model.json} says
 * @param graph what {@code network.json} describes
 * @param weights values of its parameters by path, row-major, removed ones 0
 * @param picture what the prompt adds to every canvas, or null
 */
record StoredNetwork(
    ResultDescription description,
    ModelGraph graph,
    Map<String, float[]> weights,
    float @Nullable [] picture) {
  /** Values of a parameter of the graph. */
  float[] values(GraphParameter parameter) {
    float[] values = weights.get(parameter.path());
    if (values == null) {
      throw new IllegalArgumentException(parameter.path());
    }
    return values;
  }

  /**
   * Of a folder that {@code PrunedModel.save} wrote.
   *
   * @throws FormatException if a file is damaged, or they are of two results
   * @throws IOException if a file is missing or cannot be read
   */
  static StoredNetwork read(Path folder) throws IOException {
    ResultFiles.requireFolder(folder);
    return FolderReading.of(
        folder,
        ResultDescription.NAME,
        check -> {
          StoredNetwork stored = readOnce(folder);
          check.requireSame();
          return stored;
        });
  }

  private static StoredNetwork readOnce(Path folder) throws IOException {
    ResultDescription description = ResultFiles.description(folder);
    ModelGraph graph = graph(folder, description.network());
    ResultFiles.requireFile(folder, ResultFiles.MASKS);
    ResultFiles.requireFile(folder, ResultFiles.WEIGHTS);
    Path masksFile = folder.resolve(ResultFiles.MASKS);
    MaskSet masks = MaskFile.read(masksFile).masks();
    Path file = folder.resolve(ResultFiles.WEIGHTS);
    SafeTensors tensors = SafeTensors.read(file);
    PackedFormat.require(tensors, PackedFormat.checksum(Files.readAllBytes(masksFile)), file);
    Map<String, float[]> weights = new HashMap<>();
    for (GraphParameter p : graph.parameters()) {
      weights.put(p.path(), values(p, masks.asMap().get(p.path()), tensors, file));
    }
    requireNoOther("mask", masks.asMap().keySet(), weights, masksFile);
    requireNoOther("weight", tensors.names(), weights, file);
    if (!description.prompt()) {
      return new StoredNetwork(description, graph, weights, null);
    }
    ResultFiles.requireFile(folder, ResultFiles.PROMPT);
    float[] picture = PromptFile.picture(folder.resolve(ResultFiles.PROMPT));
    return new StoredNetwork(description, graph, weights, picture);
  }

  private static ModelGraph graph(Path folder, @Nullable NetworkNote note) throws IOException {
    Path file = folder.resolve(NetworkText.NAME);
    if (note != null && note.format() != null && !note.format().equals(GraphFile.FORMAT)) {
      throw new FormatException(
          "network that cannot be read without its engine",
          file.toString(),
          GraphFile.FORMAT,
          note.format(),
          "load it with PrunedModel.load, or loadTrusted if it is a TorchScript module");
    }
    if (note != null && note.format() != null) {
      ResultFiles.requireFile(folder, NetworkText.NAME);
    }
    String text = NetworkText.read(folder, note);
    return GraphFile.graph(text, file.toString());
  }

  private static void requireNoOther(
      String what, Iterable<String> names, Map<String, float[]> weights, Path file)
      throws FormatException {
    for (String name : names) {
      if (!weights.containsKey(name)) {
        throw new FormatException(
            what + " of no parameter",
            file.toString(),
            "one of the network's " + weights.size() + " parameters",
            name,
            "use files of one result");
      }
    }
  }

  private static float[] values(
      GraphParameter p, @Nullable Mask mask, SafeTensors tensors, Path file)
      throws FormatException {
    Shape found = tensors.contains(p.path()) ? tensors.shape(p.path()) : null;
    Shape expected = mask == null ? p.shape() : new Shape(mask.kept());
    if (!expected.equals(found) || mask != null && !mask.shape().equals(p.shape())) {
      throw new FormatException(
          "weight of another shape",
          file + ", " + p.path(),
          expected + (mask == null ? "" : " kept values of " + p.shape()),
          mask == null || mask.shape().equals(p.shape()) ? found : found + " of " + mask.shape(),
          "use files of one result");
    }
    PackedFormat.requireFloats(tensors, p.path(), file);
    float[] stored = tensors.floats(p.path());
    if (mask == null) {
      return stored;
    }
    float[] all = new float[mask.size()];
    PackedValues.unpack(stored, mask, FloatBuffer.wrap(all));
    return all;
  }
}
