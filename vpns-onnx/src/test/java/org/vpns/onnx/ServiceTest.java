package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import java.io.File;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.ImageInput;
import org.vpns.LabelAssignment;
import org.vpns.predict.PrunedModel;
import org.vpns.testing.TinyResNet;

/** The file in a process of its own that has no PyTorch. */
final class ServiceTest {
  @TempDir Path folder;

  @Test
  void service_withoutPyTorch_givesThePredictorsProbabilities() throws Exception {
    Path file = folder.resolve("digits.onnx");
    Path picture = folder.resolve("picture.png");
    Image image = PrunedNetworks.image(40, 50, 9);
    try (OutputStream out = Files.newOutputStream(picture)) {
      image.save(out, "png");
    }
    Classifications expected;
    int[][] mapping = {{0}, {3}, {1}, {19}, {7}};
    ImageInput input = ImageInput.of(3, 32, 32).imageSize(24, 24).imageNetNormalisation();
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned =
            PrunedNetworks.of(model, input, true, LabelAssignment.of(20, mapping));
        Predictor<Image, Classifications> predictor = pruned.newPredictor()) {
      Onnx.write(pruned, file);
      expected = predictor.predict(image);
    }

    List<String> lines = run(file.toString(), picture.toString());

    // RPC is part of DJL itself
    assertThat(lines).contains("engines [RPC, OnnxRuntime]");
    List<String> results = lines.stream().filter(l -> l.startsWith("result ")).toList();
    assertThat(results).hasSize(5);
    for (int i = 0; i < 5; i++) {
      String[] parts = results.get(i).split(" ", 3);
      Classifications.Classification there = expected.item(i);
      // non-ASCII letters may not survive the console
      assertThat(parts[2]).startsWith(there.getClassName().substring(0, 9));
      assertThat(Double.parseDouble(parts[1]))
          .isCloseTo(there.getProbability(), Offset.offset(1e-5));
    }
  }

  /** Runs the service on this class path without what belongs to PyTorch. */
  private List<String> run(String... arguments) throws Exception {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.contains("pytorch"))
            .collect(Collectors.joining(File.pathSeparator));
    assertThat(classPath).contains("onnxruntime-engine");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Djava.awt.headless=true",
            "-Dai.djl.offline=true",
            "-DOPT_OUT_TRACKING=true",
            "-cp",
            classPath,
            Service.class.getName());
    builder.command().addAll(List.of(arguments));
    Path output = folder.resolve("output.txt");
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    Process process = builder.start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    String text = new String(Files.readAllBytes(output), StandardCharsets.ISO_8859_1);
    assertThat(process.exitValue()).as(text).isZero();
    return text.lines().toList();
  }
}
