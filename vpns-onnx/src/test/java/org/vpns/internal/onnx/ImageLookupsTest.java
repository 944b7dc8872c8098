package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.GraphProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.graph.GraphBlock;
import org.vpns.internal.network.ImageComparison;
import org.vpns.io.SafeTensors;
import org.vpns.onnx.Onnx;
import org.vpns.testing.Engines;

/** Tables and values of images looked up at places that the images say. */
final class ImageLookupsTest {
  // sums of some ten numbers below 10, in another order
  private static final Offset<Float> ROUNDING = Offset.offset(2e-5f);
  private static final List<String> Y = List.of("y");

  @TempDir Path folder;

  private Path resource(String name) throws IOException {
    Path file = folder.resolve(name);
    try (var in = ImageLookupsTest.class.getResourceAsStream("/onnx-lookups/" + name)) {
      Files.copy(Objects.requireNonNull(in), file);
    }
    return file;
  }

  /** Of an image (2, 3) the place of the largest number of each column, counted from an end. */
  private static GraphProto.Builder places(long batch, boolean fromEnd) {
    return Models.graph(batch, 2, 3)
        .addNode(
            node("ArgMax", List.of("x"), List.of("k"), number("axis", 1), number("keepdims", 0)))
        .addNode(node(fromEnd ? "Sub" : "Add", List.of("k", "n"), List.of("i")))
        .addInitializer(longs("n", fromEnd ? 2 : 0).toBuilder().clearDims());
  }

  private Model read(GraphProto.Builder graph) throws IOException {
    return Onnx.read(
        Files.write(folder.resolve("lookup.onnx"), Models.model(17, graph).build().toByteArray()));
  }

  private void check(GraphProto.Builder graph, int images, float[] x, float... expected)
      throws IOException {
    Path again = folder.resolve("again.onnx");
    Shape shape = new Shape(images, 2, 3);
    try (Model model = read(graph)) {
      assertThat(Engines.evaluate(model.getBlock(), x, shape)).containsExactly(expected);
      Onnx.write((GraphBlock) model.getBlock(), again);
    }
    try (Model model = Onnx.read(again)) {
      assertThat(Engines.evaluate(model.getBlock(), x, shape)).containsExactly(expected);
    }
  }

  // largest: 1 0 1, then 0 1 0
  private static final float[] X = {1, 5, 2, 3, 4, 6, 9, 0, 7, 8, 1, -1};

  @ParameterizedTest
  @CsvSource({"-1, false", "-1, true", "1, false", "1, true", "2, false"})
  void rows_ofATable_areThoseAtThePlaces(long batch, boolean fromEnd) throws IOException {
    // rows: at axis 0 of (2, 2) and at axis 1 of (2, 2), its transpose
    check(
        places(batch, fromEnd)
            .addNode(node("Gather", List.of("t", "i"), Y))
            .addInitializer(floats("t", new Shape(2, 2), 10, 20, 30, 40)),
        2,
        X,
        30,
        40,
        10,
        20,
        30,
        40,
        10,
        20,
        30,
        40,
        10,
        20);
    float[] rows = {30, 40, 10, 20, 30, 40, 10, 20, 30, 40, 10, 20};
    check(
        places(batch, fromEnd)
            .addNode(node("Unsqueeze", List.of("i", "last"), List.of("j")))
            .addNode(node("GatherND", List.of("t", "j"), Y))
            .addInitializer(floats("t", new Shape(2, 2), 10, 20, 30, 40))
            .addInitializer(longs("last", 2)),
        2,
        X,
        rows);
    check(
        places(batch, fromEnd)
            .addNode(node("Gather", List.of("t", "i"), List.of("g"), number("axis", 1)))
            .addNode(node("ReduceSum", List.of("g", "axis"), Y, number("keepdims", 0)))
            .addInitializer(floats("t", new Shape(2, 2), 10, 20, 30, 40))
            .addInitializer(longs("axis", 0)),
        2,
        X,
        60,
        40,
        60,
        40,
        60,
        40);
  }

  @ParameterizedTest
  @CsvSource({"-1, false", "-1, true", "1, false", "1, true", "2, false"})
  void elements_ofImages_areThoseAtTheirOwnPlaces(long batch, boolean fromEnd) throws IOException {
    // the largest number of each column, with the sign turned
    check(
        places(batch, fromEnd)
            .addNode(node("Unsqueeze", List.of("i", "axis"), List.of("j")))
            .addNode(node("Neg", List.of("x"), List.of("m")))
            .addNode(node("GatherElements", List.of("m", "j"), Y, number("axis", 1)))
            .addInitializer(longs("axis", 1)),
        2,
        X,
        -3,
        -5,
        -6,
        -9,
        -1,
        -7);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1})
  void elements_ofATable_areThoseAtThePlaces(long batch) throws IOException {
    // along the axis of the images, of which each looks into its own columns
    check(
        places(batch, false)
            .addNode(node("GatherElements", List.of("t", "i"), Y))
            .addInitializer(floats("t", new Shape(2, 3), 10, 20, 30, 40, 50, 60)),
        2,
        X,
        40,
        20,
        60,
        10,
        50,
        30);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rows", "distances", "elements", "ones", "tokens"})
  void exportsOfPyTorch_giveEachImageWhatPyTorchGivesIt(String name) throws IOException {
    SafeTensors tensors = SafeTensors.read(resource("lookups.safetensors"));
    float[] x = tensors.floats("x");
    float[] y = tensors.floats("y." + name);
    Path again = folder.resolve("again.onnx");
    for (String form : List.of("static", "open")) {
      try (Model model = Onnx.read(resource(name + "_" + form + ".onnx"))) {
        assertBatches(model, x, y);
        Onnx.write((GraphBlock) model.getBlock(), again);
        assertGradient(model, x, name, tensors.floats("gradient." + name));
      }
      try (Model model = Onnx.read(again)) {
        assertBatches(model, x, y);
      }
    }
  }

  private static void assertBatches(Model model, float[] x, float[] y) {
    for (int images = 1; images <= 5; images++) {
      float[] few = Arrays.copyOf(x, x.length / 5 * images);
      assertThat(Engines.evaluate(model.getBlock(), few, new Shape(images, 3, 8, 8)))
          .containsExactly(Arrays.copyOf(y, y.length / 5 * images), ROUNDING);
    }
  }

  /** The gradient of the table, or of the first layer; none through places. */
  private static void assertGradient(Model model, float[] x, String name, float[] expected) {
    try (NDManager manager = model.getNDManager().newSubManager()) {
      NDArray images = manager.create(x, new Shape(5, 3, 8, 8));
      String path = name.equals("tokens") ? "patches.weight" : "codes.weight";
      NDArray learned = array(model, path);
      try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
        NDArray y =
            model
                .getBlock()
                .forward(new ParameterStore(manager, false), new NDList(images), true)
                .singletonOrThrow();
        collector.backward(y.square().sum());
      }
      assertThat(learned.getGradient().toFloatArray())
          // sums over 80 positions, of numbers below 10
          .containsExactly(expected, Offset.offset(1e-3f));
      assertThat(ImageComparison.largest(learned.getGradient())).isGreaterThan(1);
      if (name.equals("tokens")) {
        assertThat(array(model, "score.weight").getGradient().toFloatArray()).containsOnly(0);
      }
    }
  }

  private static NDArray array(Model model, String path) {
    GraphBlock block = (GraphBlock) model.getBlock();
    return block.array(block.graph().parameter(path));
  }

  @Test
  void places_thatAreNoIntegers_orAreMixedAmongImages_areRefused() {
    GraphProto.Builder fractions =
        Models.graph(-1, 2)
            .addNode(node("Gather", List.of("t", "x"), Y))
            .addInitializer(floats("t", new Shape(2), 1, 2));
    assertThatThrownBy(() -> read(fractions))
        .hasMessageContaining("places are no integers")
        .hasMessageContaining("node 0, Gather; expected integers, found float32; ");
    GraphProto.Builder mixed =
        places(-1, false).addNode(node("Gather", List.of("x", "i"), Y, number("axis", 1)));
    assertThatThrownBy(() -> read(mixed)).isInstanceOf(IllegalArgumentException.class);
    GraphProto.Builder mixedFile =
        places(1, false).addNode(node("Gather", List.of("x", "i"), Y, number("axis", 1)));
    assertThatThrownBy(() -> read(mixedFile))
        .hasMessageStartingWith("fixed batch cannot be opened: ")
        .hasMessageContaining("Gather; expected images in the places alone, or along another axis");
  }

  /** All images choose the first row, so that what they get says nothing of whose choice it is. */
  @Test
  void places_turnedAmongImagesThatChooseAlike_areSeen() {
    GraphProto.Builder graph =
        Models.graph(-1, 7, 2)
            .addNode(node("Mul", List.of("x", "twice"), List.of("z")))
            .addNode(node("Add", List.of("z", "far"), List.of("d")))
            .addNode(
                node(
                    "ArgMin", List.of("d"), List.of("i"), number("axis", 2), number("keepdims", 0)))
            .addNode(node("Transpose", List.of("i"), List.of("turned")))
            .addNode(node("Reshape", List.of("turned", "rows"), List.of("j")))
            .addNode(node("Gather", List.of("t", "j"), List.of("g")))
            .addNode(node("Add", List.of("g", "x"), Y))
            .addInitializer(floats("twice", new Shape(1, 1), 2))
            .addInitializer(floats("far", new Shape(1, 2), 0, 100))
            .addInitializer(longs("rows", -1, 7))
            .addInitializer(floats("t", new Shape(2, 2), 10, 20, 30, 40));
    assertThatThrownBy(() -> read(graph))
        .hasMessageStartingWith("images of a batch change each other: ")
        .hasMessageContaining("node 4, Reshape; expected for image ");
  }
}
