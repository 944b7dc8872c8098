package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.io.SafeTensors;
import org.vpns.testing.Engines;
import org.vpns.torch.TorchFile;
import org.vpns.weights.WeightFile;

/** Files of PyTorch: what learns in them, under which names, and what dropout and batch norm do. */
final class ForeignNamesTest {
  private static final Shape IMAGES = new Shape(3, 3, 4, 4);

  private static Path file(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(ForeignNamesTest.class.getResource("/onnx-names/" + name))
              .toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static Model read(String name) {
    try {
      return Onnx.read(file(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> paths(Model model) {
    return ParameterPaths.of(model.getBlock()).list().stream().map(NamedParameter::path).toList();
  }

  private static void assertOutput(Model model, String expected) throws IOException {
    assertOutput(model, "outputs.safetensors", expected);
  }

  private static void assertOutput(Model model, String outputs, String expected)
      throws IOException {
    SafeTensors tensors = SafeTensors.read(file(outputs));
    float[] out = Engines.evaluate(model.getBlock(), tensors.floats("x"), IMAGES);
    float[] right = tensors.floats(expected);
    assertThat(out).hasSameSizeAs(right);
    for (int i = 0; i < right.length; i++) {
      // some 20 layers of single precision; outputs are of the size of 1
      assertThat(out[i]).isCloseTo(right[i], within(1e-5f));
    }
  }

  @ParameterizedTest
  @CsvSource({"name_0_weight.onnx,0.weight", "name_t.onnx,t", "name_ln_weight.onnx,ln.weight"})
  void factor_ofAnyName_isAParameter(String name, String path) throws IOException {
    try (Model model = read(name)) {
      assertThat(paths(model)).containsExactly(path);
      assertThat(model.getProperty(OnnxImport.PARAMETERS)).isEqualTo("1");
      assertThat(model.getProperty(OnnxImport.CONSTANTS)).isEqualTo("0");
      assertThat(model.getProperty(OnnxImport.CONSTANT_NAMES)).isEmpty();
    }
    try (Model model = Onnx.open(file(name)).constant("0.*|t|ln\\..*").read()) {
      assertThat(paths(model)).isEmpty();
      assertThat(model.getProperty(OnnxImport.PARAMETERS)).isEqualTo("0");
      assertThat(model.getProperty(OnnxImport.CONSTANTS)).isEqualTo("1");
      assertThat(model.getProperty(OnnxImport.CONSTANT_NAMES)).isEqualTo(path);
    }
  }

  @Test
  void scopesOfContainersInContainers_giveThePathOfTheModule() {
    try (Model model = read("scope_block_0_0.onnx")) {
      assertThat(paths(model)).containsExactly("features.1.block.0.0.weight");
    }
  }

  @Test
  void convNext_hasTheParametersOfItsStateDict() {
    try (Model model = read("seq_convnext_d13.onnx")) {
      assertThat(model.getProperty(OnnxImport.PARAMETERS)).isEqualTo("30");
      assertThat(paths(model))
          .containsExactlyInAnyOrder(
              "1.features.0.0.weight",
              "1.features.0.0.bias",
              "1.features.0.1.weight",
              "1.features.0.1.bias",
              "1.features.1.0.layer_scale",
              "1.features.1.0.block.0.weight",
              "1.features.1.0.block.0.bias",
              "1.features.1.0.block.2.weight",
              "1.features.1.0.block.2.bias",
              "1.features.1.0.block.3.weight",
              "1.features.1.0.block.3.bias",
              "1.features.1.0.block.5.weight",
              "1.features.1.0.block.5.bias",
              "1.features.2.0.weight",
              "1.features.2.0.bias",
              "1.features.2.1.weight",
              "1.features.2.1.bias",
              "1.features.3.0.layer_scale",
              "1.features.3.0.block.0.weight",
              "1.features.3.0.block.0.bias",
              "1.features.3.0.block.2.weight",
              "1.features.3.0.block.2.bias",
              "1.features.3.0.block.3.weight",
              "1.features.3.0.block.3.bias",
              "1.features.3.0.block.5.weight",
              "1.features.3.0.block.5.bias",
              "1.classifier.0.weight",
              "1.classifier.0.bias",
              "1.classifier.2.weight",
              "1.classifier.2.bias");
      // shift and scale of the images before it are numbers in Constant nodes
      assertThat(model.getProperty(OnnxImport.CONSTANTS)).isEqualTo("0");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "bn_training_op9.onnx,bn.pth,bn",
    "bn_preserve_op17.onnx,bn.pth,bn",
    "plain_op13.onnx,plain.pth,plain"
  })
  void stateDict_ofTheSameNetwork_fitsByName(String onnx, String pth, String outputs)
      throws IOException {
    try (Model model = read(onnx)) {
      assertOutput(model, onnx.replace(".onnx", ""));
      assertThat(paths(model))
          .containsExactlyInAnyOrderElementsOf(
              TorchFile.read(file(pth)).names().stream()
                  .filter(name -> !name.endsWith("num_batches_tracked"))
                  .toList());
      WeightFile.load(model, file(pth));
      assertOutput(model, outputs + ".loaded");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"affine_op9.onnx", "affine_op13.onnx"})
  void stateDict_whoseParametersTheExporterReshapesTurnsAndRenames_fitsByName(String onnx)
      throws IOException {
    try (Model model = read(onnx)) {
      assertOutput(model, "affine.safetensors", "affine");
      assertThat(paths(model))
          .containsExactlyInAnyOrderElementsOf(TorchFile.read(file("affine.pth")).names());
      WeightFile.load(model, file("affine.pth"));
      assertOutput(model, "affine.safetensors", "affine.loaded");
    }
  }

  @Test
  void stateDict_whoseNamesNoNodeTells_isRefused_andLoadsAsTheMessageSays() throws IOException {
    try (Model model = read("odd_op13.onnx")) {
      assertOutput(model, "affine.safetensors", "odd");
      assertThatThrownBy(() -> WeightFile.load(model, file("odd.pth")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(
              "; names that differ fit by their shapes in one way only; if they are the same"
                  + " layers: WeightFile.open(file).rename(\"(^|\\\\.)in_proj_weight$\","
                  + " \"$1weight\").rename(\"(^|\\\\.)gain$\", \"$1value\")"
                  + ".rename(\"^attention\\\\.out_proj\\\\.weight$\","
                  + " \"attention.matmul_3.weight\").into(model).");
      WeightFile.open(file("odd.pth"))
          .rename("(^|\\.)in_proj_weight$", "$1weight")
          .rename("(^|\\.)gain$", "$1value")
          .rename("^attention\\.out_proj\\.weight$", "attention.matmul_3.weight")
          .into(model);
      assertOutput(model, "affine.safetensors", "odd.loaded");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"dropout_mask_op11.onnx", "preserve_train_dropout.onnx"})
  void dropout_whoseMaskNobodyReads_isTheIdentityInEvaluation(String name) {
    boolean alone = name.startsWith("dropout");
    try (Model model = read(name)) {
      float[] x = new float[24];
      for (int i = 0; i < x.length; i++) {
        x[i] = i - 11.5f;
      }
      Shape shape = alone ? new Shape(8, 3) : new Shape(2, 3, 2, 2);
      float[] out = Engines.evaluate(model.getBlock(), x, shape);
      if (alone) {
        assertThat(out).containsExactly(x);
        // in training half of the elements go, and the others are doubled
        for (float y : Engines.forward(model.getBlock(), x, shape, true)) {
          assertThat(y == 0 || x[(int) (y / 2 + 11.5f)] == y / 2).isTrue();
        }
      } else {
        assertThat(out).containsExactly(twoLayers(model, x), within(1e-5f));
      }
    }
  }

  /** Linear, ReLU, linear, in plain loops. */
  private static float[] twoLayers(Model model, float[] x) {
    float[] hidden = linear(model, "1", x);
    for (int i = 0; i < hidden.length; i++) {
      hidden[i] = Math.max(0, hidden[i]);
    }
    return linear(model, "4", hidden);
  }

  private static float[] linear(Model model, String path, float[] x) {
    ParameterPaths all = ParameterPaths.of(model.getBlock());
    NamedParameter weight = Objects.requireNonNull(all.find(path + ".weight"));
    NamedParameter bias = Objects.requireNonNull(all.find(path + ".bias"));
    float[] w = weight.parameter().getArray().toFloatArray();
    float[] b = bias.parameter().getArray().toFloatArray();
    int in = w.length / b.length;
    float[] y = new float[x.length / in * b.length];
    for (int i = 0; i < y.length; i++) {
      int row = i / b.length;
      int out = i % b.length;
      y[i] = b[out];
      for (int k = 0; k < in; k++) {
        y[i] += w[out * in + k] * x[row * in + k];
      }
    }
    return y;
  }

  @Test
  void networkOfDoubles_takesImagesOfFloat32() {
    try (Model model = read("double_input.onnx")) {
      float[] out = Engines.evaluate(model.getBlock(), new float[] {-1, 0, 2.5f}, new Shape(1, 3));
      assertThat(out).containsExactly(0, 0, 2.5f);
    }
  }

  @Test
  void option_setTwiceOrMalformed_isRefused() {
    OnnxImport open = Onnx.open(file("name_t.onnx"));
    assertThatThrownBy(() -> open.constant("("))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("malformed expression: OnnxImport.constant; expected");
    assertThatThrownBy(() -> open.constant("t").constant("u"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("option set twice: OnnxImport.constant; expected");
  }
}
