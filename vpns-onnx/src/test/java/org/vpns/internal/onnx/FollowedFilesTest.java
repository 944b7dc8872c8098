package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.graph;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.numbers;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vpns.onnx.Onnx;
import org.vpns.onnx.OnnxImport;
import org.vpns.testing.Engines;

/** Files that are not read, and those that the refusal asks for. */
final class FollowedFilesTest extends FollowedRemedies {
  /** Floats of 8 bits are type 17. */
  @Test
  void weightOfAnUnknownType_isRefused_andReadsAsFloats() throws IOException {
    NodeProto add = on("Add", List.of("w"));
    TensorProto small =
        TensorProto.newBuilder()
            .setName("w")
            .setDataType(17)
            .addDims(1)
            .setRawData(ByteString.copyFrom(new byte[] {0x38}))
            .build();
    Path file = write(single(new Shape(-1, 3), add, small));
    assertRefused("tensor type not supported", "convert the model to float32", file);
    assertGives(
        write(single(new Shape(-1, 3), add, floats("w", new Shape(1), 1))),
        new Shape(1, 3),
        new float[] {1, 2, 3},
        2,
        3,
        4);
  }

  /** h <- tanh(x / 2 + h / 4), over 600 steps, each of four nodes or all of one. */
  @Test
  void recurrence_unrolledIntoThousandsOfNodes_isRefused_andReadsAsOneOperator()
      throws IOException {
    int steps = 600;
    GraphProto.Builder unrolled =
        graph(-1, steps)
            .addInitializer(floats("w", new Shape(1, 1), 0.5f))
            .addInitializer(floats("r", new Shape(1, 1), 0.25f))
            .addInitializer(floats("b", new Shape(1, 1), 0));
    for (int i = 0; i < steps; i++) {
      unrolled
          .addNode(node("Gather", List.of("x", "i" + i), List.of("x" + i), number("axis", 1)))
          .addNode(node("MatMul", List.of("x" + i, "w"), List.of("p" + i)))
          .addNode(
              node(
                  "Gemm",
                  i == 0 ? List.of("p0", "r", "b") : List.of("h" + (i - 1), "r", "p" + i),
                  List.of("g" + i)))
          .addNode(node("Tanh", List.of("g" + i), List.of(i == steps - 1 ? "y" : "h" + i)))
          .addInitializer(longs("i" + i, i));
    }
    assertRefused(
        "too many nodes",
        "export a loop as one operator (torch.nn.LSTM in place of LSTMCell), or leave it out",
        write(unrolled));
    GraphProto.Builder whole =
        graph(-1, steps)
            .addNode(node("Unsqueeze", List.of("x", "last"), List.of("u")))
            .addNode(node("Transpose", List.of("u"), List.of("t"), numbers("perm", 1, 0, 2)))
            .addNode(
                node("RNN", List.of("t", "w", "r"), List.of("", "h"), number("hidden_size", 1)))
            .addNode(node("Squeeze", List.of("h", "first"), Y))
            .addInitializer(floats("w", new Shape(1, 1, 1), 0.5f))
            .addInitializer(floats("r", new Shape(1, 1, 1), 0.25f))
            .addInitializer(longs("first", 0))
            .addInitializer(longs("last", 2));
    float[] x = new float[steps];
    double h = 0;
    for (int i = 0; i < steps; i++) {
      x[i] = (i % 3 - 1) / 2f;
      h = Math.tanh(x[i] / 2 + h / 4);
    }
    assertGives(write(whole), new Shape(1, steps), x, h);
  }

  /** Rows of all images together, two of each, which a constant or a repeated weight meets. */
  private static GraphProto.Builder rows(NodeProto repeated) {
    return graph(-1, 4)
        .addNode(node("Reshape", List.of("x", "pairs"), List.of("r")))
        .addNode(node("Shape", List.of("r"), List.of("s")))
        .addNode(repeated)
        .addNode(node("Concat", List.of("r", "c"), Y, number("axis", 1)))
        .addInitializer(longs("pairs", -1, 2))
        .addInitializer(floats("w", new Shape(1, 2), 5, 6));
  }

  @Test
  void weightRepeatedForMultiplesOfTheBatch_isRefused_andReadForOneBatch() throws IOException {
    Path file = write(rows(node("Expand", List.of("w", "s"), List.of("c"))));
    assertThatThrownBy(() -> Onnx.read(file).close())
        .hasMessageStartingWith(
            "operator depends on the batch size: " + file + ", node 2, Expand; expected ")
        .hasMessageEndingWith(
            "; let sizes that follow from the number of images be -1, or fix how many there are at"
                + " a time: batch(n) of BlockTracer or of Onnx.open(file).");
    try (Model model = Onnx.open(file).batch(2).read()) {
      float[] x = {1, 2, 3, 4, 1, 2, 3, 4};
      assertThat(Engines.evaluate(model.getBlock(), x, new Shape(2, 4)))
          .hasSize(16)
          .startsWith(1, 2, 5, 6, 3, 4, 5, 6);
    }
  }

  @Test
  void constantOfMultiplesOfTheBatch_isReadForAnyBatch() throws IOException {
    Path file = write(rows(node("ConstantOfShape", List.of("s"), List.of("c"))));
    float[] x = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    try (Model model = Onnx.read(file)) {
      assertThat(Engines.evaluate(model.getBlock(), x, new Shape(3, 4)))
          .containsExactly(
              1, 2, 0, 0, 3, 4, 0, 0, 5, 6, 0, 0, 7, 8, 0, 0, 9, 10, 0, 0, 11, 12, 0, 0);
    }
  }

  /** As many copies as the images say. */
  @Test
  void countThatImagesSay_isRefused_andThePartBeforeItReads() throws IOException {
    NodeProto largest = node("ArgMax", List.of("x"), List.of("i"), number("axis", 1));
    assertRefused(
        "values of images say what a node does",
        "cut out the part of the network before it: onnx.utils.extract_model(file, other,"
            + " ['x'], ['i'], check_model=False)",
        write(
            graph(-1, 3)
                .addNode(largest)
                .addNode(node("Expand", List.of("book", "i"), Y))
                .addInitializer(ones("book", 3, 2))));
    GraphProto.Builder part = graph(-1, 3).addNode(largest);
    part.getOutputBuilder(0).setName("i");
    try (Model model = Onnx.read(write(part))) {
      assertThat(evaluated(model, new float[] {1, 4, 2, 7, 0, 3}, new Shape(2, 3)))
          .containsExactly(1, 0);
    }
  }

  private static long[] evaluated(Model model, float[] x, Shape shape) {
    try (NDManager manager = model.getNDManager().newSubManager()) {
      NDList images = new NDList(manager.create(x, shape));
      return model
          .getBlock()
          .forward(new ParameterStore(manager, false), images, false)
          .singletonOrThrow()
          .toLongArray();
    }
  }

  @Test
  void functionsOfAnotherOperatorSet_areRefused_andTheModelReadsWithoutFunctions()
      throws IOException {
    ModelProto.Builder model =
        ModelProto.parseFrom(Files.readAllBytes(resource("/onnx-functions/functions.onnx")))
            .toBuilder();
    model.getFunctionsBuilder(0).getOpsetImportBuilderList().forEach(set -> set.setVersion(9));
    assertRefused(
        "function of another operator set", "export the model without functions", write(model));
    Onnx.read(resource("/onnx-functions/plain.onnx")).close();
  }

  @Test
  void anotherBatchThanTheFiles_isRefused_andTheFileReadsWithItsOwnOrWithNone() throws IOException {
    Path file = write(FixedFiles.tokens(2));
    assertThatThrownBy(() -> Onnx.open(file).batch(3).read())
        .hasMessageStartingWith("batch differs from the file's: " + file)
        .hasMessageEndingWith("; pass 2, or none if its images do not change each other.");
    for (int images : new int[] {2, 3}) {
      OnnxImport asked = images == 2 ? Onnx.open(file).batch(2) : Onnx.open(file);
      try (Model model = asked.read()) {
        float[] x = new float[images * 6];
        assertThat(Engines.evaluate(model.getBlock(), x, new Shape(images, 2, 3)))
            .hasSize(images * 9)
            .startsWith(110, 120, 130, 200, 200, 200, 300);
      }
    }
  }

  @Test
  void optionsOutOfPlace_areRefused_andReadAsTheRefusalsSay() throws IOException {
    Path file =
        write(
            single(
                new Shape(-1, 3), on("Mul", List.of("std")), floats("std", new Shape(3), 2, 2, 2)));
    OnnxImport asked = Onnx.open(file);
    assertThatThrownBy(() -> asked.constant("mean|(std"))
        .hasMessageStartingWith("malformed expression: OnnxImport.constant; expected ")
        .hasMessageEndingWith("; write for example mean|std.");
    assertThatThrownBy(() -> asked.batch(0))
        .hasMessageStartingWith("batch out of range: OnnxImport.batch; expected ")
        .hasMessageEndingWith("; pass 1.");
    OnnxImport constant = asked.constant("mean|std");
    assertThatThrownBy(() -> constant.constant("std"))
        .hasMessageStartingWith("option set twice: OnnxImport.constant; expected ")
        .hasMessageEndingWith("; leave one out.");
    try (Model model = constant.batch(1).read()) {
      assertThat(model.getProperty(OnnxImport.CONSTANT_NAMES)).isEqualTo("std");
      assertThat(Engines.evaluate(model.getBlock(), new float[] {1, 2, 3}, new Shape(1, 3)))
          .containsExactly(2, 4, 6);
    }
  }

  @Test
  void fileCutShort_isRefused_andReadsFetchedAgain() throws IOException {
    Path whole = resource("/onnx-remedies/old_again.onnx");
    byte[] content = Files.readAllBytes(whole);
    Path cut = Files.write(folder.resolve("cut.onnx"), Arrays.copyOf(content, 60));
    assertRefused("no ONNX model", "fetch or export the model again", cut);
    Files.copy(whole, cut, StandardCopyOption.REPLACE_EXISTING);
    assertGives(cut, new Shape(1, 3), new float[] {1, 2, 4}, 1.5 - 4, 4 + 0.5 - 4);
  }

  @Test
  void weightOfMoreNumbersThanAnArrayHolds_isRefused_andReadsWithItsOwnShape() throws IOException {
    NodeProto add = on("Add", List.of("w"));
    TensorProto right = floats("w", new Shape(3), 1, 1, 1);
    TensorProto damaged = right.toBuilder().clearDims().addDims(1L << 16).addDims(1L << 15).build();
    Path file = write(single(new Shape(-1, 3), add, damaged));
    assertRefused("tensor too large", "fetch or export the model again", file);
    assertGives(
        write(single(new Shape(-1, 3), add, right)),
        new Shape(1, 3),
        new float[] {1, 2, 3},
        2,
        3,
        4);
  }

  /** As a download does that is begun anew while its model is read. */
  @Test
  void weightsThatBecomeShorterWhileTheyAreRead_areRefused_andReadOnceTheyAreWhole()
      throws IOException {
    Path weights = resource("/onnx-remedies/external.data");
    Path file = resource("/onnx-remedies/external.onnx");
    byte[] whole = Files.readAllBytes(weights);
    OnnxFile begun = OnnxReader.read(file);
    Files.write(weights, Arrays.copyOf(whole, whole.length - 1));
    assertThatThrownBy(() -> begun.tensors().get("fc.weight").read())
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("file of weights became shorter: " + weights)
        .hasMessageEndingWith("; read the model again once its files are whole.");
    Files.write(weights, whole);
    assertGives(file, new Shape(1, 3), new float[] {1, 2, 4}, 1.5 - 4, 4 + 0.5 - 4);
  }

  /** Its length alone is looked at, so a file full of holes does. */
  @Test
  void modelOfTwoGigabytes_isRefused_andReadsWithItsWeightsInAnotherFile() throws IOException {
    Path file = folder.resolve("large.onnx");
    try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
      large.setLength(1L << 31);
    }
    assertRefused(
        "model file too large", "keep the weights in a file of their own (external data)", file);
    resource("/onnx-remedies/external.data");
    assertGives(
        resource("/onnx-remedies/external.onnx"),
        new Shape(1, 3),
        new float[] {1, 2, 4},
        1.5 - 4,
        4 + 0.5 - 4);
  }

  @Test
  void oldOperatorSet_isRefused_andReadsOnceExportedWithTheNamedOne() throws IOException {
    assertRefused(
        "operator set not supported",
        "export the model with operator set 17",
        resource("/onnx-remedies/old.onnx"));
    Path again = resource("/onnx-remedies/old_again.onnx");
    assertThat(ModelProto.parseFrom(Files.readAllBytes(again)).getOpsetImport(0).getVersion())
        .isEqualTo(17);
    assertGives(again, new Shape(1, 3), new float[] {1, 2, 4}, 1.5 - 4, 4 + 0.5 - 4);
  }

  @Test
  void unknownOperators_areRefused_andThePartBeforeThemReads() throws IOException {
    assertRefused(
        "unsupported operators",
        "cut out the part of the network before them:"
            + " onnx.utils.extract_model(file, other, ['x'], ['scores'], check_model=False)",
        resource("/onnx-remedies/unsupported.onnx"));
    assertGives(
        resource("/onnx-remedies/unsupported_again.onnx"),
        new Shape(1, 3),
        new float[] {1, 2, 4},
        1.5 - 4,
        4 + 0.5 - 4);
  }
}
