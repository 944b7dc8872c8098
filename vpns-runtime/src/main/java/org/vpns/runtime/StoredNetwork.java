package org.vpns.runtime;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.graph.GraphFile;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.io.FormatException;
import org.vpns.io.MaskFile;
import org.vpns.io.SafeTensors;

/**
 * The network of a result folder, read without any engine.
 *
 * @param graph what {@code network.json} describes
 * @param weights values of its parameters by path, row-major, removed ones 0
 */
record StoredNetwork(ModelGraph graph, Map<String, float[]> weights) {
  private static final String NETWORK = "network.json";
  private static final String MASKS = "masks.vpns";
  private static final String WEIGHTS = "weights.safetensors";

  /**
   * Of a folder that {@code PrunedModel.save} wrote.
   *
   * @throws FormatException if a file is damaged, or they are of two results
   * @throws IOException if a file is missing or cannot be read
   */
  static StoredNetwork read(Path folder) throws IOException {
    for (String name : new String[] {NETWORK, MASKS, WEIGHTS}) {
      if (!Files.isRegularFile(folder.resolve(name))) {
        throw new IOException(
            Problem.message(
                "result folder without a network that can be read without its engine",
                folder.resolve(name).toString(),
                "a file",
                "none",
                "save the result with vpns-models on the class path, and no TorchScript module"));
      }
    }
    ModelGraph graph =
        GraphFile.graph(
            Files.readString(folder.resolve(NETWORK)), folder.resolve(NETWORK).toString());
    MaskSet masks = MaskFile.read(folder.resolve(MASKS)).masks();
    Path file = folder.resolve(WEIGHTS);
    SafeTensors tensors = SafeTensors.read(file);
    Map<String, float[]> weights = new HashMap<>();
    for (GraphParameter p : graph.parameters()) {
      weights.put(p.path(), values(p, masks.asMap().get(p.path()), tensors, file));
    }
    return new StoredNetwork(graph, weights);
  }

  private static float[] values(
      GraphParameter p, @Nullable Mask mask, SafeTensors tensors, Path file)
      throws FormatException {
    Shape found = tensors.contains(p.path()) ? tensors.shape(p.path()) : null;
    boolean packed =
        mask != null && mask.shape().equals(p.shape()) && new Shape(mask.kept()).equals(found);
    if (!packed && !p.shape().equals(found)) {
      throw new FormatException(
          "weight of another shape",
          file + ", " + p.path(),
          p.shape() + (mask == null ? "" : " or its " + mask.kept() + " kept values"),
          found == null ? "nothing" : found,
          "use files of one result");
    }
    float[] stored = tensors.floats(p.path());
    // one dimension, all kept: both are the same
    if (!packed || mask == null) {
      return stored;
    }
    float[] all = new float[mask.size()];
    int next = 0;
    for (int i = 0; i < all.length; i++) {
      all[i] = mask.isKept(i) ? stored[next++] : 0;
    }
    return all;
  }
}
