package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.graph.GraphBlock;
import org.vpns.internal.onnx.FixedFiles;
import org.vpns.io.SafeTensors;
import org.vpns.model.ResNets;

/** Files that were exported for a fixed number of images. */
final class FixedBatchTest {
  @TempDir Path folder;

  private Path resource(String name) throws IOException {
    Path file = folder.resolve(name);
    try (var in = FixedBatchTest.class.getResourceAsStream("/onnx-fixed-batch/" + name)) {
      Files.copy(in, file);
    }
    return file;
  }

  private static float[] forward(Model model, float[] images, Shape shape) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = manager.create(images, shape);
      NDList result =
          model.getBlock().forward(new ParameterStore(manager, false), new NDList(x), false);
      return result.singletonOrThrow().toFloatArray();
    }
  }

  private static float[] ramp(int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) Math.sin(i * 1.7 + 0.3);
    }
    return values;
  }

  private static void assertClose(float[] found, float[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      // another runtime, sums of some hundred products
      assertThat((double) found[i]).as("%d", i).isEqualTo(expected[i], Offset.offset(1e-5));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "torch_static_se, y, 4, 8",
    "torch_static_cba, y, 4, 8",
    "torch_static_vit, y, 4, 4",
    "torch_static_shuffle, y, 4, 4",
    "mix_se_view, right, 2, 8",
  })
  void file_ofBatchOne_givesEachImageWhatPyTorchGivesIt(
      String name, String result, int images, int width) throws IOException {
    SafeTensors tensors = SafeTensors.read(resource(name + ".safetensors"));
    float[] x = tensors.floats("x");
    float[] right = tensors.floats(result);
    assertThat(right).hasSize(images * width);
    try (Model model = Onnx.read(resource(name + ".onnx"))) {
      Shape shape = tensors.shape("x");
      assertClose(forward(model, x, shape), right);
      int part = x.length / images;
      for (int i = 0; i < images; i++) {
        float[] one = Arrays.copyOfRange(x, i * part, (i + 1) * part);
        assertClose(
            forward(model, one, new Shape(1).addAll(shape.slice(1))),
            Arrays.copyOfRange(right, i * width, (i + 1) * width));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"LSTM, 1", "LSTM, 2", "GRU, 1", "GRU, 4", "RNN, 1", "RNN, 3"})
  void recurrentLayer_ofAFixedBatch_isThatOfAnOpenOne(String operator, int batch)
      throws IOException {
    float[] x = ramp(5 * 8);
    Path file = FixedFiles.write(folder, FixedFiles.recurrent(operator, -1));
    try (Model open = Onnx.read(file)) {
      FixedFiles.write(folder, FixedFiles.recurrent(operator, batch));
      try (Model model = Onnx.read(file)) {
        for (int images = 1; images <= 5; images++) {
          float[] some = Arrays.copyOf(x, images * 8);
          Shape shape = new Shape(images, 4, 2);
          float[] found = forward(model, some, shape);
          assertThat(found).hasSize(images * 30);
          assertClose(found, forward(open, some, shape));
        }
      }
    }
  }

  @Test
  void recurrentLayer_thatIsPrunedAndWritten_isPrunableAgain() throws IOException {
    Path file = FixedFiles.write(folder, FixedFiles.recurrent("LSTM", 1));
    Path written = folder.resolve("written.onnx");
    try (Model model = Onnx.read(file)) {
      Layout weights = ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights());
      // the states' own weights go
      MaskSet.of(
              weights,
              i ->
                  weights.path(i).equals("r")
                      ? Mask.zeros(weights.shape(i))
                      : Mask.ones(weights.shape(i)))
          .applyTo(model);
      Onnx.write((GraphBlock) model.getBlock(), written);
      try (Model again = Onnx.read(written)) {
        assertThat(ParameterPaths.of(again.getBlock()).prunable(ParameterFilter.weights()).paths())
            .containsExactlyInAnyOrder("w", "r");
        float[] x = ramp(24);
        assertClose(forward(again, x, new Shape(3, 4, 2)), forward(model, x, new Shape(3, 4, 2)));
      }
    }
  }

  /** Each step becomes some twenty nodes, which read the same weights again. */
  @ParameterizedTest
  @CsvSource({"LSTM, 64, 8", "GRU, 64, 8", "GRU, 300, 16", "RNN, 200, 4"})
  void recurrentLayer_ofManySteps_isReadFromWhatIsWritten(String operator, int steps, int hidden)
      throws IOException {
    Path file = FixedFiles.write(folder, FixedFiles.lastStates(operator, steps, hidden));
    Path written = folder.resolve("written.onnx");
    try (Model model = Onnx.read(file)) {
      Onnx.write((GraphBlock) model.getBlock(), written);
      try (Model again = Onnx.read(written)) {
        float[] x = ramp(2 * steps * 2);
        Shape shape = new Shape(2, steps, 2);
        assertClose(forward(again, x, shape), forward(model, x, shape));
      }
    }
  }

  @Test
  void queriesOfHeads_areThoseOfEachImage() throws IOException {
    try (Model model = Onnx.read(FixedFiles.write(folder, FixedFiles.queries()))) {
      for (int images = 1; images <= 5; images++) {
        float[] x = ramp(images * 12);
        float[] expected = new float[images * 6];
        for (int i = 0; i < expected.length; i++) {
          // the rows of a head, weighted by (1, 2) or (3, 4)
          int row = i / 3 * 6 + i % 3;
          int query = i / 3 % 2 * 2;
          expected[i] = (query + 1) * x[row] + (query + 2) * x[row + 3];
        }
        assertClose(forward(model, x, new Shape(images, 4, 3)), expected);
      }
    }
  }

  @Test
  void rows_areThoseOfEachImage() throws IOException {
    float[] x = ramp(48);
    try (Model model = Onnx.read(resource("mix_rows.onnx"))) {
      assertThat(
              ((GraphBlock) model.getBlock()).getOutputShapes(new Shape[] {new Shape(3, 4, 2, 2)}))
          .containsExactly(new Shape(3, 8, 2));
      // (image, channel, position) becomes (image, position, channel)
      float[] expected = new float[48];
      for (int i = 0; i < 48; i++) {
        expected[i / 16 * 16 + i % 4 * 4 + i / 4 % 4] = x[i];
      }
      assertThat(forward(model, x, new Shape(3, 4, 2, 2))).containsExactly(expected);
    }
  }

  @Test
  void flattenedMaps_areThoseOfOnnxRuntime() throws IOException {
    Path file = resource("baked_flatten.onnx");
    try (Model model = Onnx.read(file);
        Model runtime = Model.newInstance("runtime", Device.cpu(), "OnnxRuntime")) {
      runtime.load(file);
      float[] x = ramp(3 * 48);
      float[] together = forward(model, x, new Shape(3, 3, 4, 4));
      for (int i = 0; i < 3; i++) {
        float[] one = Arrays.copyOfRange(x, 48 * i, 48 * i + 48);
        float[] expected;
        try (NDManager manager = runtime.getNDManager().newSubManager()) {
          NDArray image = manager.create(one, new Shape(1, 3, 4, 4));
          expected =
              runtime
                  .getBlock()
                  .forward(new ParameterStore(manager, false), new NDList(image), false)
                  .head()
                  .toFloatArray();
        }
        assertClose(Arrays.copyOfRange(together, 5 * i, 5 * i + 5), expected);
        assertClose(forward(model, one, new Shape(1, 3, 4, 4)), expected);
      }
    } catch (MalformedModelException e) {
      throw new IOException(e);
    }
  }

  @Test
  void gradients_areThoseOfEachImageAlone() throws IOException {
    SafeTensors tensors = SafeTensors.read(resource("torch_static_se.safetensors"));
    try (Model model = Onnx.read(resource("torch_static_se.onnx"))) {
      float[] x = tensors.floats("x");
      float[] w = tensors.floats("w");
      float[] all = FixedFiles.gradient(model, x, tensors.shape("x"), w, "conv1.weight");
      float[] sum = new float[all.length];
      int part = x.length / 4;
      for (int i = 0; i < 4; i++) {
        float[] one =
            FixedFiles.gradient(
                model,
                Arrays.copyOfRange(x, i * part, (i + 1) * part),
                new Shape(1, 3, 16, 16),
                Arrays.copyOfRange(w, 8 * i, 8 * i + 8),
                "conv1.weight");
        for (int k = 0; k < sum.length; k++) {
          sum[k] += one[k];
        }
      }
      assertClose(all, sum);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void constants_madeForTheBatch_areOnesForEachImage(int batch) throws IOException {
    Path file = FixedFiles.write(folder, FixedFiles.tokens(batch));
    try (Model model = Onnx.read(file)) {
      for (int images = 1; images < 6; images++) {
        float[] x = ramp(images * 6);
        float[] found = forward(model, x, new Shape(images, 2, 3));
        for (int i = 0; i < images; i++) {
          // a token in front, a number for each position added to both
          float[] expected = new float[9];
          for (int k = 0; k < 9; k++) {
            expected[k] = (k < 3 ? 10 * (k + 1) : x[6 * i + k - 3]) + 100 * (k / 3 + 1);
          }
          assertClose(Arrays.copyOfRange(found, 9 * i, 9 * i + 9), expected);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void sizesOfResizedMaps_nameTheBatch_andAreOpened(int batch) throws IOException {
    float[] x = ramp(12);
    float[] expected = new float[48];
    for (int i = 0; i < 48; i++) {
      expected[i] = x[i / 16 * 4 + i % 16 / 8 * 2 + i % 4 / 2];
    }
    try (Model model = Onnx.read(FixedFiles.write(folder, FixedFiles.resized(batch)))) {
      assertClose(forward(model, x, new Shape(3, 1, 2, 2)), expected);
    }
  }

  @Test
  void merged_heads_staySeparateForEachImage() throws IOException {
    Path file = FixedFiles.write(folder, FixedFiles.heads());
    try (Model model = Onnx.read(file)) {
      for (int images = 1; images < 6; images++) {
        float[] x = ramp(images * 12);
        float[] found = forward(model, x, new Shape(images, 3, 4));
        for (int i = 0; i < images; i++) {
          float[] one =
              forward(model, Arrays.copyOfRange(x, 12 * i, 12 * i + 12), new Shape(1, 3, 4));
          assertClose(Arrays.copyOfRange(found, 12 * i, 12 * i + 12), one);
          assertClose(one, FixedFiles.attention(Arrays.copyOfRange(x, 12 * i, 12 * i + 12)));
        }
      }
    }
  }

  @Test
  void file_thatMixesTheImagesOfItsBatch_isRefusedByNode_andReadAtItsOwnBatch() throws IOException {
    Path file = FixedFiles.write(folder, FixedFiles.meanOfBatch(4));
    assertThatThrownBy(() -> Onnx.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("fixed batch cannot be opened: ")
        .hasMessageContaining("node 1, ReduceMean; expected axes other than that of the images")
        .hasMessageEndingWith("Onnx.open(file).batch(4).read().");
    try (Model model = Onnx.open(file).batch(4).read()) {
      // x minus the mean of the four
      assertClose(
          forward(model, new float[] {1, 2, 3, 4, 5, 6, 7, 8}, new Shape(4, 2)),
          new float[] {-3, -3, -1, -1, 1, 1, 3, 3});
      assertThatThrownBy(() -> forward(model, new float[4], new Shape(2, 2)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("(4, 2)");
      Path again = folder.resolve("again.onnx");
      Onnx.write((GraphBlock) model.getBlock(), again);
      GraphProto graph = ModelProto.parseFrom(Files.readAllBytes(again)).getGraph();
      assertThat(graph.getInput(0).getType().getTensorType().getShape().getDim(0).getDimValue())
          .isEqualTo(4);
    }
    assertThatThrownBy(() -> Onnx.open(file).batch(2).read())
        .hasMessageContaining("batch differs from the file's")
        .hasMessageContaining("expected 4, found 2; pass 4, or none if ");
    Onnx.open(file).batch(4).read().close();
  }

  @Test
  void fileDeclaredOpen_butMadeWithOneImage_isOpenedToo() throws IOException {
    GraphProto.Builder graph = FixedFiles.heads();
    graph
        .getInputBuilder(0)
        .getTypeBuilder()
        .getTensorTypeBuilder()
        .getShapeBuilder()
        .getDimBuilder(0)
        .setDimParam("N");
    float[] x = ramp(24);
    try (Model model = Onnx.read(FixedFiles.write(folder, graph))) {
      float[] found = forward(model, x, new Shape(2, 3, 4));
      for (int i = 0; i < 2; i++) {
        assertClose(
            Arrays.copyOfRange(found, 12 * i, 12 * i + 12),
            FixedFiles.attention(Arrays.copyOfRange(x, 12 * i, 12 * i + 12)));
      }
    }
  }

  @Test
  void fileThatHoldsForAnyBatch_staysAsItIs() throws IOException {
    Path file = folder.resolve("network.onnx");
    try (Model model = ResNets.small().newModel("small", 1)) {
      Onnx.export(model.getBlock(), new Shape(1, 32, 32)).write(file);
    }
    String open;
    try (Model model = Onnx.read(file)) {
      open = ((GraphBlock) model.getBlock()).graph().fingerprint();
    }
    ModelProto.Builder fixed = ModelProto.parseFrom(Files.readAllBytes(file)).toBuilder();
    fixed
        .getGraphBuilder()
        .getInputBuilder(0)
        .getTypeBuilder()
        .getTensorTypeBuilder()
        .getShapeBuilder()
        .getDimBuilder(0)
        .setDimValue(1);
    Files.write(file, fixed.build().toByteArray());
    try (Model model = Onnx.read(file)) {
      assertThat(((GraphBlock) model.getBlock()).graph().fingerprint()).isEqualTo(open);
    }
  }

  @Test
  void openedFile_writtenAgain_keepsImagesApart() throws IOException {
    Path file = folder.resolve("again.onnx");
    SafeTensors tensors = SafeTensors.read(resource("torch_static_se.safetensors"));
    try (Model model = Onnx.read(resource("torch_static_se.onnx"))) {
      Onnx.write((GraphBlock) model.getBlock(), file);
    }
    try (Model again = Onnx.read(file)) {
      assertClose(forward(again, tensors.floats("x"), tensors.shape("x")), tensors.floats("y"));
    }
  }

  @Test
  void openFile_thatMixesImages_isRefused() throws IOException {
    Path file = FixedFiles.write(folder, FixedFiles.meanOfBatch(-1));
    assertThatThrownBy(() -> Onnx.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "images of a batch change each other: .*, node \\d+, ReduceMean; expected for image .*"
                + " fix how many there are at a time: batch\\(n\\) of .*Onnx\\.open\\(file\\)\\.");
    try (Model model = Onnx.open(file).batch(2).read()) {
      assertClose(
          forward(model, new float[] {1, 2, 3, 6}, new Shape(2, 2)), new float[] {-1, -2, 1, 2});
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1, 4})
  void file_thatMixesImagesBeforeALargeBias_isRefused(int batch) throws IOException {
    Path file = FixedFiles.write(folder, FixedFiles.hiddenMeanOfBatch(batch));
    assertThatThrownBy(() -> Onnx.read(file).close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "(images of a batch change each other|fixed batch cannot be opened): .*"
                + " node 1, ReduceMean; expected .+");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1, 4})
  void file_thatSumsOverImagesBehindAShutGate_isRefused(int batch) throws IOException {
    Path file = FixedFiles.write(folder, FixedFiles.sumBehindAGate(batch));
    assertThatThrownBy(() -> Onnx.read(file).close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "(images of a batch change each other|fixed batch cannot be opened): .*"
                + " node 3, ReduceSum; expected .+");
  }

  @Test
  void options_setTwiceOrOutOfRange_areRefused() {
    OnnxImport file = Onnx.open(folder.resolve("none.onnx"));
    assertThatThrownBy(() -> file.batch(0)).hasMessageStartingWith("batch out of range");
    assertThatThrownBy(() -> file.batch(1).batch(1)).hasMessageStartingWith("option set twice");
    assertThatThrownBy(() -> file.images(new Shape(1)).images(new Shape(1)))
        .hasMessageStartingWith("option set twice");
    assertThat(List.of(file.batch(1), file)).doesNotHaveDuplicates();
  }
}
