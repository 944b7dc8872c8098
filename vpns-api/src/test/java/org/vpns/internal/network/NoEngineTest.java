package org.vpns.internal.network;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.ImageInput;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.predict.PrunedModel;
import org.vpns.testing.TinyResNet;

/** Class paths on which a part of the engine is missing, without a network to fetch it from. */
final class NoEngineTest {
  @TempDir Path folder;

  private String first(String missing, String what) throws Exception {
    String path =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(part -> !Path.of(part).getFileName().toString().startsWith(missing))
            .collect(Collectors.joining(File.pathSeparator));
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dai.djl.offline=true",
                "-DOPT_OUT_TRACKING=true",
                "-Duser.home=" + folder,
                "-cp",
                path,
                NoEngineTest.class.getName(),
                what)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("DJL_CACHE_DIR", folder.toString());
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }

  /** Makes a model, or loads one from a folder, and says what comes of it. */
  public static void main(String[] args) throws Exception {
    try {
      if (args[0].equals("pruned")) {
        Engines.newModel(args[0]).close();
      } else if (args[0].equals("images")) {
        Engines.newManager(args[0]).close();
      } else {
        PrunedModel.load(Path.of(args[0])).close();
      }
      System.out.print("made");
    } catch (IllegalStateException e) {
      System.out.print(e.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pytorch-", "pytorch-native"})
  void newModel_withoutAPartOfTheEngine_namesWhatToAdd(String missing) throws Exception {
    assertThat(first(missing, "pruned")).matches(naming("model 'pruned'"));
    assertThat(first(missing, "images")).matches(naming("images"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pytorch-", "pytorch-native", "pytorch-jni"})
  void load_withoutAPartOfTheEngine_namesWhatToAdd(String missing) throws Exception {
    assertThat(first(missing, saved().toString())).matches(naming("model 'pruned'"));
  }

  private static String naming(String what) {
    return "(no engine to run networks|engine cannot run networks made of blocks): "
        + what
        + "; expected PyTorch.*, found .+; add ai\\.djl\\.pytorch:pytorch-engine, pytorch-jni"
        + " and pytorch-native-cpu .*\\.";
  }

  /** A result; its network is that of a provider which the other process does not have. */
  private Path saved() throws Exception {
    Path result = folder.resolve("result");
    try (Model model = TinyResNet.newModel()) {
      Map<String, Mask> masks = new LinkedHashMap<>();
      Layout layout = ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights());
      layout
          .paths()
          .forEach(path -> masks.put(path, Mask.ones(layout.shape(layout.indexOf(path)))));
      List<String> names =
          IntStream.range(0, TinyResNet.SOURCE_CLASSES).mapToObj(i -> "class " + i).toList();
      PrunedModel.of(model, MaskSet.of(masks), ImageInput.of(3, 16, 16), names).save(result);
    }
    return result;
  }

  @Test
  void newModel_withAllOfIt_isMade() {
    try (Model model = Engines.newModel("pruned")) {
      assertThat(model.getName()).isEqualTo("pruned");
    }
  }
}
