package org.vpns.weights;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import com.google.common.primitives.Floats;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.io.SafeTensors;
import org.vpns.model.ResNet;

/** A small network with its values, and files of its weights. */
abstract class TinyWeights {
  static final ResNet PLAN =
      ResNet.builder("tiny").input(3, 8, 8).stem(4, 3, 1).stage(6, 1, 2).classes(5).build();

  @TempDir Path folder;
  Model model;
  Map<String, List<Float>> before;

  @BeforeEach
  void start() {
    model = PLAN.newModel("tiny", 1);
    before = values(model.getBlock());
  }

  @AfterEach
  void stop() {
    model.close();
  }

  static Map<String, List<Float>> values(Block block) {
    Map<String, List<Float>> values = new TreeMap<>();
    for (NamedParameter p : ParameterPaths.of(block)) {
      float[] array = p.parameter().getArray().toType(DataType.FLOAT32, true).toFloatArray();
      values.put(p.path(), Floats.asList(array));
    }
    return values;
  }

  Path saved(long seed) throws IOException {
    Path file = folder.resolve("seed" + seed + ".safetensors");
    try (Model other = PLAN.newModel("other", seed)) {
      WeightFile.save(other, file);
    }
    return file;
  }

  /** The saved file with every name changed, and names changed to nothing left out. */
  Path renamed(Path file, UnaryOperator<String> change) throws IOException {
    SafeTensors tensors = SafeTensors.read(file);
    SafeTensors.Builder builder = SafeTensors.builder();
    for (String name : tensors.names()) {
      String other = change.apply(name);
      if (!other.isEmpty()) {
        builder.putFloats(other, tensors.shape(name), tensors.floats(name));
      }
    }
    Path result = folder.resolve("renamed.safetensors");
    builder.write(result);
    return result;
  }
}
