package org.vpns.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.vpns.ImageInput;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.model.ResNets;
import org.vpns.predict.Inference;
import org.vpns.predict.PrunedModel;
import org.vpns.testing.JavaProcess;

/** A process without the module of the Vector API. */
class WithoutVectorsTest {
  @Test
  void process_withoutTheModule_saysSoOnceAndUsesTheEngine() throws Exception {
    Process process =
        JavaProcess.of(
                WithoutVectorsTest.class,
                List.of(
                    "-XX:TieredStopAtLevel=1", "-Dai.djl.offline=true", "-DOPT_OUT_TRACKING=true"))
            .redirectErrorStream(true)
            .start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(text).isZero();
    assertThat(text).contains("start java with --add-modules jdk.incubator.vector");
    assertThat(text.split("the engine runs 'small'", -1)).as("told once").hasSize(2);
    assertThat(text).contains("predictors: 2");
  }

  /** The process. */
  public static void main(String[] args) {
    List<String> names = IntStream.range(0, 10).mapToObj(i -> "class " + i).toList();
    int predictors = 0;
    try (Model model = ResNets.small().newModel("small", 1)) {
      MaskSet masks =
          MaskSet.ones(ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights()));
      try (PrunedModel pruned = PrunedModel.of(model, masks, ImageInput.of(1, 32, 32), names)) {
        for (Inference inference : List.of(Inference.SPARSE, Inference.AUTO)) {
          pruned.newPredictor(inference).close();
          predictors++;
        }
      }
    }
    System.out.println("predictors: " + predictors);
  }
}
