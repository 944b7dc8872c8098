package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.TranslateException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.ImageInput;
import org.vpns.LabelAssignment;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.internal.graph.op.Shaping.Reshape;
import org.vpns.io.FormatException;
import org.vpns.latency.NetworkRuntime.Session;
import org.vpns.predict.PrunedModel;
import org.vpns.testing.JavaProcess;
import org.vpns.testing.TinyResNet;

/** What refusals around ONNX Runtime say to do, done. */
final class RuntimeRemediesTest {
  @TempDir Path folder;

  private Path write(String name, int... classes) throws IOException {
    Path file = folder.resolve(name);
    int[][] mapping = Arrays.stream(classes).mapToObj(i -> new int[] {i}).toArray(int[][]::new);
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned =
            PrunedNetworks.of(
                model, ImageInput.of(3, 32, 32), false, LabelAssignment.of(20, mapping))) {
      Onnx.write(pruned, file);
    }
    return file;
  }

  private static Classifications predict(Path file, OnnxTranslator translator)
      throws IOException, MalformedModelException, TranslateException {
    try (Model model = Model.newInstance("service", Device.cpu(), "OnnxRuntime")) {
      model.load(file);
      try (Predictor<Image, Classifications> predictor = model.newPredictor(translator)) {
        return predictor.predict(PrunedNetworks.image(32, 32, 1));
      }
    }
  }

  @Test
  void translatorOfAnotherFile_isRefused_andThatOfTheModelsFileWorks() throws Exception {
    Path three = write("three.onnx", 4, 1, 7);
    OnnxTranslator other = OnnxTranslator.of(write("two.onnx", 4, 1));
    assertThatThrownBy(() -> predict(three, other))
        .hasRootCauseInstanceOf(IllegalArgumentException.class)
        .rootCause()
        .hasMessage(
            "class names do not fit the file: OnnxTranslator; expected 2 outputs, one for each"
                + " name, found 3; make the translator of the file that the model was loaded"
                + " from.");
    assertThat(predict(three, OnnxTranslator.of(three)).items()).hasSize(3);
  }

  @Test
  void fileCutShort_isRefused_andWorksOnceItIsWrittenAgain() throws Exception {
    Path file = write("digits.onnx", 4, 1, 7);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> OnnxTranslator.of(file))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("ONNX file cannot be read: " + file + "; expected a whole ")
        .hasMessageEndingWith("; write it with Onnx.write(pruned, file) again.");
    write("digits.onnx", 4, 1, 7);
    assertThat(predict(file, OnnxTranslator.of(file)).items()).hasSize(3);
  }

  @Test
  void numberOfThreadsOutOfRange_isRefused_andIsOneIfLeftOut() {
    assertThatThrownBy(() -> OnnxRuntime.standard().threads(0))
        .hasMessageStartingWith("number out of range: OnnxRuntime.threads; expected ")
        .hasMessageEndingWith("; leave it out for 1.");
    assertThat(OnnxRuntime.standard().describe()).isEqualTo("ONNX Runtime, 1 thread");
  }

  @Test
  void networkOfIntegers_isNotTimed_andOneOfFloatsIs() {
    assertThatThrownBy(() -> OnnxRuntime.standard().open(flattened(DataType.INT64), 2).close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "input that is no image: OnnxRuntime.open; expected float32, found int64; time a"
                + " network whose inputs are float32.");
    try (Session session = OnnxRuntime.standard().open(flattened(DataType.FLOAT32), 2)) {
      session.run();
    }
  }

  /** Times a network, or says why not. */
  public static void main(String[] args) {
    try (Session session = OnnxRuntime.standard().open(flattened(DataType.FLOAT32), 2)) {
      session.run();
      System.out.print("timed");
    } catch (IllegalStateException e) {
      System.out.print(e.getMessage());
    }
  }

  @Test
  void runtimeMissing_isRefused_andTimesOnceTheClassPathHasIt() throws Exception {
    String missing = timed(part -> !part.contains("onnxruntime"));
    assertThat(missing)
        .startsWith("no ONNX Runtime: OnnxRuntime.newModel; expected engine OnnxRuntime, found ")
        .endsWith(
            "; add ai.djl.onnxruntime:onnxruntime-engine, in the version of vpns-bom, to the class"
                + " path.");
    // the artifact and what Maven brings with it
    assertThat(timed(part -> true)).isEqualTo("timed");
  }

  /** What another process says that has these parts of the class path. */
  private static String timed(Predicate<String> has) throws IOException, InterruptedException {
    ProcessBuilder builder = JavaProcess.of(RuntimeRemediesTest.class, List.of());
    List<String> command = builder.command();
    int path = command.indexOf("-cp") + 1;
    command.set(
        path,
        Arrays.stream(command.get(path).split(File.pathSeparator))
            .filter(has)
            .collect(Collectors.joining(File.pathSeparator)));
    Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return said;
  }

  private static NetworkValues flattened(DataType type) {
    ModelGraph.Builder builder = ModelGraph.builder();
    int x = builder.input(new Shape(-1, 2, 2), type);
    List<Integer> y = builder.node("flat", Reshape.to(0, -1), List.of(x));
    return NetworkValues.of(builder.build(y), Map.of());
  }
}
