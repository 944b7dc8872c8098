package org.vpns.predict;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Problem;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.internal.network.NetworkProvider;
import org.vpns.internal.network.StoredShapes;
import org.vpns.internal.predict.NetworkNote;
import org.vpns.internal.predict.NetworkText;
import org.vpns.io.FormatException;

/**
 * The file {@code network.json} of a result folder: the network apart from its weights, as a {@link
 * NetworkProvider} describes it.
 */
final class NetworkFile {
  private NetworkFile() {}

  /**
   * Writes the file, if a provider can describe the block and makes a network of the same
   * parameters from the description. That none can is no failure: the folder is loaded into a model
   * then.
   */
  static NetworkNote write(Block block, ImageInput input, NDManager manager, Path folder)
      throws IOException {
    List<String> reasons = new ArrayList<>();
    try {
      for (NetworkProvider provider : ServiceLoader.load(NetworkProvider.class)) {
        String text = null;
        try {
          text =
              provider.describe(block, new Shape(input.channels(), input.height(), input.width()));
          requireSameParameters(block, provider, manager, text);
        } catch (IOException | RuntimeException e) {
          // Whatever a provider does wrong, the result of a long run is saved.
          boolean refused = text == null && e instanceof IllegalArgumentException;
          reasons.add(
              provider.format()
                  + ": "
                  + (refused ? NetworkText.firstLine(e) : NetworkText.reason(e)));
          continue;
        }
        AtomicFiles.writeText(folder.resolve(NetworkText.NAME), text);
        return new NetworkNote(provider.format(), NetworkText.checksum(text), null);
      }
    } catch (ServiceConfigurationError e) {
      reasons.add(String.valueOf(e.getMessage()));
    }
    String none = "no module on the class path describes networks";
    return new NetworkNote(null, null, reasons.isEmpty() ? none : String.join(" ", reasons));
  }

  private static void requireSameParameters(
      Block block, NetworkProvider provider, NDManager manager, String text) throws IOException {
    NetworkText.requireJson(text, "description");
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > NetworkText.MAX_BYTES) {
      throw new IOException(
          Problem.message(
              "description too long",
              "network",
              NetworkText.MAX_BYTES + " bytes",
              bytes,
              "load into a model"));
    }
    try (NDManager scope = manager.newSubManager()) {
      List<String> expected = parameters(block);
      List<String> found = parameters(provider.make(scope, text, shapes(block)));
      if (!found.equals(expected)) {
        int at = 0;
        while (at < Math.min(expected.size(), found.size())
            && expected.get(at).equals(found.get(at))) {
          at++;
        }
        throw new IOException(
            Problem.message(
                "network made of its description has other parameters",
                "parameter " + at + " of " + expected.size(),
                at < expected.size() ? expected.get(at) : "no more",
                at < found.size() ? found.get(at) : "no more",
                "load into a model"));
      }
    }
  }

  private static StoredShapes shapes(Block block) {
    Map<String, Shape> shapes = new HashMap<>();
    ParameterPaths.of(block).forEach(p -> shapes.put(p.path(), p.shape()));
    return new StoredShapes(shapes);
  }

  /** Paths and shapes; the weights are stored as float32, so no parameter may be of other type. */
  private static List<String> parameters(Block block) throws IOException {
    List<String> parameters = new ArrayList<>();
    for (NamedParameter p : ParameterPaths.of(block)) {
      DataType type = p.parameter().getArray().getDataType();
      if (type != DataType.FLOAT32) {
        throw new IOException(
            Problem.message(
                "parameter of another type",
                p.path(),
                DataType.FLOAT32,
                type,
                "load into a model"));
      }
      parameters.add(p.path() + " " + p.shape());
    }
    return parameters;
  }

  /**
   * The network, with any values.
   *
   * @param stored the values that lie beside it
   * @throws IOException if there is no description, no provider for it, or it is damaged
   */
  static Block read(NDManager manager, Path folder, @Nullable NetworkNote note, StoredShapes stored)
      throws IOException {
    String text = NetworkText.read(folder, note);
    Path file = folder.resolve(NetworkText.NAME);
    String format = note == null ? null : note.format();
    for (NetworkProvider provider : ServiceLoader.load(NetworkProvider.class)) {
      if (format != null && provider.reads(format)) {
        try {
          return provider.make(manager, text, stored);
        } catch (FormatException | RuntimeException e) {
          throw NetworkText.damaged(
              file, "a description of format '" + format + "'", NetworkText.reason(e), e);
        }
      }
    }
    throw new IOException(
        Problem.message(
            "network of a format that no module on the class path reads",
            file.toString(),
            "a NetworkProvider for '" + format + "'",
            "none",
            "add the module (vpns-models has them), or load the folder with"
                + " PrunedModel.load(folder, model)"));
  }
}
