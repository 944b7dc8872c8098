package org.vpns.predict;

import ai.djl.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.testing.TinyResNet;

/** Saved results of the tiny network, and what is in them. */
final class SavedResults {
  private SavedResults() {}

  /** Saves the tiny network with so many of its weights into a folder {@code result}. */
  static Path save(Path folder, double density) throws IOException {
    Path result = folder.resolve("result");
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned = SmallResult.prune(model, density, 3)) {
      pruned.save(result);
    }
    return result;
  }

  /** Values by path. */
  static Map<String, float[]> parameters(Model model) {
    Map<String, float[]> values = new LinkedHashMap<>();
    for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
      values.put(p.path(), p.parameter().getArray().toFloatArray());
    }
    return values;
  }

  /** Content by name. */
  static Map<String, byte[]> files(Path result) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> list = Files.list(result)) {
      for (Path file : list.toList()) {
        files.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return files;
  }
}
