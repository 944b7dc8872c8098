package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.ImageInput;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ParameterPaths;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.predict.PrunedModel;
import org.vpns.testing.TinyResNet;
import org.vpns.weights.WeightFile;

/** A model that ONNX Runtime runs as a whole, where parameters are asked for. */
final class WholeModelTest {
  @TempDir private Path folder;

  @Test
  void modelOfOnnxRuntime_whereParametersAreAskedFor_isRefusedInWords() throws Exception {
    Path file = folder.resolve("network.onnx");
    Shape image = new Shape(3, 32, 32);
    try (Model model = TinyResNet.newModel()) {
      Onnx.export(model.getBlock(), image).write(file);
    }
    MaskSet masks = MaskSet.of(Map.of("fc.weight", Mask.ones(new Shape(20, 16))));
    try (Model whole = Model.newInstance("network", "OnnxRuntime")) {
      whole.load(file);
      ImageInput input = ImageInput.of(3, 32, 32);
      assertRefused(
          "model 'network'",
          () -> masks.applyTo(whole),
          () -> PrunedModel.of(whole, masks, input, List.of("a")),
          () -> PrunedModel.load(folder, whole),
          () -> WeightFile.save(whole, folder.resolve("w.safetensors")));
      assertRefused("ParameterPaths.of", () -> ParameterPaths.of(whole.getBlock()));
      assertRefused("BlockTracer.trace", () -> BlockTracer.of(image).trace(whole.getBlock()));
    }
  }

  private static void assertRefused(String where, ThrowingCallable... calls) {
    for (ThrowingCallable call : calls) {
      assertThatIllegalStateException()
          .isThrownBy(call)
          .withMessageStartingWith("network whose parameters cannot be seen: " + where + "; ")
          .withMessageEndingWith("one of ONNX by Onnx.read(file).");
    }
  }
}
