package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.numbers;
import static org.vpns.internal.onnx.Models.text;

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
import org.vpns.io.FormatException;
import org.vpns.io.SafeTensors;
import org.vpns.onnx.Onnx;
import org.vpns.testing.Engines;

/** A row of two pixels a and b, seen at one learned place. */
final class SamplingOperatorsTest {
  @TempDir Path folder;

  /** The place is w for every image, which a sum with zeros of the image makes a value of it. */
  private static GraphProto.Builder graph(long batch, float place, String mode, String padding) {
    return Models.graph(batch, 1, 1, 2)
        .addNode(node("ReduceMean", List.of("x"), List.of("m"), numbers("axes", 1, 2, 3)))
        .addNode(node("Sub", List.of("m", "m"), List.of("zero")))
        .addNode(node("Add", List.of("zero", "w"), List.of("g")))
        .addInitializer(floats("w", new Shape(1, 1, 1, 2), place, 0))
        .addNode(
            node(
                "GridSample",
                List.of("x", "g"),
                List.of("y"),
                text("mode", mode),
                text("padding_mode", padding)));
  }

  private Model read(GraphProto.Builder graph) throws IOException {
    return read(graph, folder.resolve("sampling.onnx"));
  }

  private static Model read(GraphProto.Builder graph, Path file) throws IOException {
    Files.write(file, Models.model(16, graph).build().toByteArray());
    return Onnx.read(file);
  }

  /**
   * Where the middles of the outer pixels count as -1 and 1, place g falls on pixel (g + 1) / 2,
   * else on g + 1/2. There y = (1 - t) a + t b. Places on a pixel have the slope to the next one,
   * as PyTorch's, and none where they are held.
   *
   * @param ofB t, or -1 for zero: what b takes part in the value, a the rest
   * @param slope of that along the place
   */
  @ParameterizedTest
  @CsvSource({
    "bilinear, zeros, 1, 0.2, 0.4, 0.6, 0.5",
    "bilinear, zeros, 0, 0.2, 0.3, 0.7, 1",
    "bilinear, zeros, 0, 0.8, 0, 0.7, -1",
    "bilinear, zeros, 0, 2, 0, 0, 0",
    "bilinear, zeros, 0, 1e30, 0, 0, 0",
    "bilinear, border, 0, 1.5, 0, 1, 0",
    "bilinear, border, 1, -3, 1, 0, 0",
    "bilinear, reflection, 1, 1.5, 0.25, 0.75, -0.5",
    "bilinear, reflection, 0, 1.9, 0.4, 0.6, -1",
    "bilinear, reflection, 0, 4.2, 0.3, 0.7, 1",
    "bilinear, zeros, 1, -1, 1, 0, 0.5",
    "bilinear, zeros, 0, -0.5, 1, 0, 1",
    "bilinear, zeros, 1, 1, 0, 1, -0.5",
    "bilinear, border, 0, -0.5, 1, 0, 0",
    "bilinear, border, 1, 1, 0, 1, 0",
    "bilinear, reflection, 0, 0.5, 0, 1, 0",
    "nearest, zeros, 1, 0.2, 0, 1, 0",
    "nearest, zeros, 0, 1.2, 0, 0, 0",
    "nearest, border, 0, -9, 1, 0, 0",
    "nearest, reflection, 0, -1.3, 1, 0, 0",
  })
  void place_takesItsPartOfEachPixel_andLearns(
      String mode, String padding, int corners, float place, float ofA, float ofB, float slope)
      throws IOException {
    for (long batch : new long[] {-1, 1}) {
      GraphProto.Builder graph = graph(batch, place, mode, padding);
      int last = graph.getNodeCount() - 1;
      graph.getNodeBuilder(last).addAttribute(number("align_corners", corners));
      Path again = folder.resolve("again.onnx");
      try (Model model = read(graph)) {
        check(model, ofA, ofB, slope);
        Onnx.write((GraphBlock) model.getBlock(), again);
      }
      try (Model second = Onnx.read(again)) {
        check(second, ofA, ofB, slope);
      }
    }
  }

  private static void check(Model model, float ofA, float ofB, float slope) {
    Offset<Float> rounding = Offset.offset(1e-5f); // of numbers below 10
    try (NDManager manager = model.getNDManager().newSubManager()) {
      NDArray x = manager.create(new float[] {1, 3, -2, 5, 4, 4}, new Shape(3, 1, 1, 2));
      NDArray weight = model.getBlock().getParameters().get(0).getValue().getArray();
      weight.setRequiresGradient(true);
      x.setRequiresGradient(true);
      try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
        NDArray y =
            model
                .getBlock()
                .forward(new ParameterStore(manager, false), new NDList(x), false)
                .singletonOrThrow();
        assertThat(y.getShape()).isEqualTo(new Shape(3, 1, 1, 1));
        assertThat(y.toFloatArray())
            .containsExactly(
                new float[] {ofA + 3 * ofB, -2 * ofA + 5 * ofB, 4 * (ofA + ofB)}, rounding);
        collector.backward(y.sum());
      }
      assertThat(x.getGradient().toFloatArray())
          .containsExactly(new float[] {ofA, ofB, ofA, ofB, ofA, ofB}, rounding);
      // where zeros are beyond b, the slope is that of b alone
      boolean beyond = ofA == 0 && slope < 0;
      float sum = beyond ? 12 * slope : 9 * slope;
      assertThat(weight.getGradient().toFloatArray()[0]).isEqualTo(sum, rounding);
    }
  }

  /**
   * Half-way between two pixels a and b, A = -0.75: 19/32 of each of the two beside it, -3/32 of
   * each of those beyond, which are zeros, or a and b once more.
   */
  @ParameterizedTest
  @CsvSource({"zeros, 0.59375", "border, 0.5", "reflection, 0.5"})
  void cubicPlace_betweenTwoPixels_takesPartOfFour(String padding, float each) throws IOException {
    for (String mode : List.of("bicubic", "cubic")) {
      GraphProto.Builder graph = graph(-1, 0, mode, padding);
      graph.getNodeBuilder(graph.getNodeCount() - 1).addAttribute(number("align_corners", 1));
      try (Model model = read(graph)) {
        float[] x = {1, 3, -2, 5};
        assertThat(Engines.evaluate(model.getBlock(), x, new Shape(2, 1, 1, 2)))
            .containsExactly(new float[] {4 * each, 3 * each}, Offset.offset(1e-6f));
      }
    }
  }

  private Path resource(String name) throws IOException {
    Path file = folder.resolve(name);
    try (var in = SamplingOperatorsTest.class.getResourceAsStream("/onnx-sampling/" + name)) {
      Files.copy(Objects.requireNonNull(in), file);
    }
    return file;
  }

  /** Values and both gradients against PyTorch's in double precision. */
  @ParameterizedTest
  @CsvSource({
    "bicubic, zeros",
    "bicubic, border",
    "bicubic, reflection",
    "bilinear, zeros",
    "bilinear, border",
    "bilinear, reflection",
  })
  void places_insideAndFarOutside_areThoseOfPyTorch(String mode, String padding)
      throws IOException {
    SafeTensors tensors = SafeTensors.read(resource("sampling.safetensors"));
    Path again = folder.resolve("again.onnx");
    for (int corners = 0; corners <= 1; corners++) {
      GraphProto.Builder graph =
          Models.graph(-1, 2, 3, 5)
              .addNode(node("ReduceMean", List.of("x"), List.of("m"), numbers("axes", 1, 2, 3)))
              .addNode(node("Sub", List.of("m", "m"), List.of("zero")))
              .addNode(node("Add", List.of("zero", "w"), List.of("g")))
              .addNode(
                  node(
                      "GridSample",
                      List.of("x", "g"),
                      List.of("y"),
                      text("mode", mode),
                      text("padding_mode", padding),
                      number("align_corners", corners)))
              .addInitializer(floats("w", new Shape(1, 4, 6, 2), tensors.floats("grid")));
      String name = mode + "." + padding + "." + corners;
      try (Model model = read(graph)) {
        check(model, tensors, name);
        Onnx.write((GraphBlock) model.getBlock(), again);
      }
      try (Model model = Onnx.read(again)) {
        check(model, tensors, name);
      }
    }
  }

  private static void check(Model model, SafeTensors tensors, String name) {
    // single precision, of sums of sixteen numbers below 10, whose slopes are those times 5
    Offset<Float> rounding = Offset.offset(1e-4f);
    try (NDManager manager = model.getNDManager().newSubManager()) {
      NDArray x = manager.create(tensors.floats("x"), tensors.shape("x"));
      NDArray upward = manager.create(tensors.floats("upward"), tensors.shape("upward"));
      NDArray places = model.getBlock().getParameters().get(0).getValue().getArray();
      x.setRequiresGradient(true);
      try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
        NDArray y =
            model
                .getBlock()
                .forward(new ParameterStore(manager, false), new NDList(x), true)
                .singletonOrThrow();
        assertThat(y.toFloatArray()).containsExactly(tensors.floats(name + ".y"), rounding);
        collector.backward(y.mul(upward).sum());
      }
      assertThat(x.getGradient().toFloatArray())
          .containsExactly(tensors.floats(name + ".x"), rounding);
      assertThat(places.getGradient().toFloatArray())
          .containsExactly(tensors.floats(name + ".grid"), rounding);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"static", "open"})
  void exportOfPyTorch_givesEachImageWhatPyTorchGivesIt(String form) throws IOException {
    SafeTensors tensors = SafeTensors.read(resource("sampling.safetensors"));
    float[] x = tensors.floats("images");
    float[] y = tensors.floats("logits");
    try (Model model = Onnx.read(resource("warped_" + form + ".onnx"))) {
      for (int images = 1; images <= 5; images++) {
        float[] few = Arrays.copyOf(x, images * 72);
        assertThat(Engines.evaluate(model.getBlock(), few, new Shape(images, 2, 6, 6)))
            .containsExactly(Arrays.copyOf(y, images * 4), Offset.offset(1e-5f));
      }
    }
  }

  @Test
  void anotherWayToSample_isRefused() {
    assertThatThrownBy(() -> read(graph(-1, 0, "area", "zeros")).close())
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("'mode'")
        .hasMessageContaining(
            "; expected bilinear (linear), bicubic (cubic) or nearest, found 'area'; ");
    assertThatThrownBy(() -> read(graph(-1, 0, "bilinear", "wrap")).close())
        .hasMessageContaining("expected zeros, border or reflection, found 'wrap'; ");
  }
}
