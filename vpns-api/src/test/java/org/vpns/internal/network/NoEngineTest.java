package org.vpns.internal.network;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  /** Makes a model and says what comes of it. */
  public static void main(String[] args) {
    try {
      Engines.newModel(args[0]).close();
      System.out.print("made");
    } catch (IllegalStateException e) {
      System.out.print(e.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pytorch-", "pytorch-native"})
  void newModel_withoutAPartOfTheEngine_namesWhatToAdd(String missing) throws Exception {
    assertThat(first(missing, "pruned"))
        .matches(
            "(no engine to run networks|engine cannot run networks made of blocks): model 'pruned';"
                + " expected PyTorch.*, found .+; add ai\\.djl\\.pytorch:pytorch-engine, pytorch-jni"
                + " and pytorch-native-cpu .*\\.");
  }

  @Test
  void newModel_withAllOfIt_isMade() {
    try (Model model = Engines.newModel("pruned")) {
      assertThat(model.getName()).isEqualTo("pruned");
    }
  }
}
