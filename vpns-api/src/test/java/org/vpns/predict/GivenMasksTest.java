package org.vpns.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.TranslateException;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.ImageInput;
import org.vpns.LabelAssignment;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.internal.network.ScriptModules;
import org.vpns.testing.Engines;
import org.vpns.testing.Fixtures;
import org.vpns.testing.Outcome;
import org.vpns.testing.TinyResNet;

/** Masks from elsewhere on a network as it is: removed weights 0, all others as they were. */
final class GivenMasksTest {
  private static final ImageInput INPUT = ImageInput.of(3, 32, 32);
  private static final Shape BATCH = new Shape(16, 3, 32, 32);

  private static final List<String> NAMES =
      IntStream.range(0, TinyResNet.SOURCE_CLASSES).mapToObj(i -> "class " + i).toList();

  @TempDir Path folder;

  /** Keeps every third entry, in the reverse of the network's order. */
  private static MaskSet thirds(Model model) {
    Map<String, Mask> masks = new LinkedHashMap<>();
    List<String> paths =
        new ArrayList<>(
            ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights()).paths());
    Collections.reverse(paths);
    for (String path : paths) {
      masks.put(path, Mask.of(shape(model, path), i -> i % 3 == 0));
    }
    return MaskSet.of(masks);
  }

  private static Shape shape(Model model, String path) {
    return array(model, path).getShape();
  }

  private static NDArray array(Model model, String path) {
    return ParameterPaths.of(model.getBlock()).find(path).parameter().getArray();
  }

  private static MaskSet one(String path, Mask mask) {
    return MaskSet.of(Map.of(path, mask));
  }

  private static void assertMasked(
      Map<String, float[]> before, Map<String, float[]> after, MaskSet masks) {
    assertThat(after.keySet()).isEqualTo(before.keySet());
    before.forEach(
        (path, values) -> {
          Mask mask = masks.asMap().get(path);
          float[] expected = values.clone();
          for (int i = 0; mask != null && i < expected.length; i++) {
            expected[i] = mask.isKept(i) ? expected[i] : 0f;
          }
          assertThat(bits(after.get(path))).as(path).isEqualTo(bits(expected));
        });
  }

  private static int[] bits(float[] values) {
    return IntStream.range(0, values.length).map(i -> Float.floatToRawIntBits(values[i])).toArray();
  }

  @Test
  void applyTo_ofANetwork_zeroesWhatIsRemovedAndNothingElse() {
    try (Model model = TinyResNet.newModel()) {
      array(model, "conv1.weight").set(new NDIndex(0, 0, 0, 1), Float.NaN);
      Map<String, float[]> before = SavedResults.parameters(model);
      MaskSet masks = thirds(model);
      masks.applyTo(model);
      assertMasked(before, SavedResults.parameters(model), masks);
    }
  }

  /** What holds the array keeps it: an optimiser, another block. Its gradient flag stays too. */
  @Test
  void applyTo_changesArraysInPlace() {
    try (Model model = TinyResNet.newModel()) {
      NDArray held = array(model, "fc.weight");
      held.setRequiresGradient(true);
      one("fc.weight", Mask.zeros(held.getShape())).applyTo(model);
      assertThat(held.toFloatArray()).containsOnly(0f);
      assertThat(array(model, "fc.weight")).isSameAs(held);
      assertThat(held.hasGradient()).isTrue();
    }
  }

  @Test
  void applyTo_ofAModule_zeroesItsOwnTensors() throws Exception {
    try (Model model = Model.newInstance("tied")) {
      model.load(Fixtures.copy("tied.pt", folder), null, Map.of("trainParam", "true"));
      Map<String, float[]> before = SavedResults.parameters(model);
      MaskSet masks = thirds(model);
      masks.applyTo(model);
      assertMasked(before, SavedResults.parameters(model), masks);
      NDArray other = model.getBlock().getParameters().get("b.weight").getArray();
      assertThat(other.toFloatArray()).isEqualTo(array(model, "a.weight").toFloatArray());
      assertThatIllegalArgumentException()
          .isThrownBy(() -> one("b.weight", Mask.ones(other.getShape())).applyTo(model))
          .withMessage(
              "mask of a shared parameter under its other name: b.weight; expected 'a.weight',"
                  + " which is the same tensor, found b.weight; name the mask so.");
    }
  }

  @Test
  void applyTo_ofAModuleLoadedToPredict_saysHowToLoadIt() throws Exception {
    try (Model model = Model.newInstance("tied")) {
      model.load(Fixtures.copy("tied.pt", folder));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> one("a.weight", Mask.ones(new Shape(12, 12))).applyTo(model))
          .withMessage(
              "TorchScript module cannot be changed: model 'tied'; expected parameters with"
                  + " gradient, found none; load it with model.load(file, null,"
                  + " Map.of(\"trainParam\", \"true\")).");
    }
  }

  @Test
  void applyTo_ofMasksThatDoNotFit_changesNothing() {
    try (Model model = TinyResNet.newModel()) {
      Map<String, float[]> before = SavedResults.parameters(model);
      Mask gone = Mask.zeros(shape(model, "conv1.weight"));
      Map<String, Mask> mixed = new LinkedHashMap<>();
      mixed.put("conv1.weight", gone);
      mixed.put("conv9.weight", gone);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> MaskSet.of(mixed).applyTo(model))
          .withMessageStartingWith("mask of an unknown parameter: conv9.weight; expected one of ")
          .withMessageContaining(" parameters, perhaps conv1.weight, found conv9.weight; ");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> one("fc.weight", Mask.zeros(new Shape(20, 3))).applyTo(model))
          .withMessage(
              "mask shape differs from parameter: fc.weight; expected (20, 16), found (20, 3);"
                  + " use the masks made for this network.");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> one("bn1.running_var", Mask.zeros(new Shape(8))).applyTo(model))
          .withMessageStartingWith("mask of a statistic: bn1.running_var; ");
      assertThat(SavedResults.parameters(model))
          .allSatisfy((path, values) -> assertThat(values).isEqualTo(before.get(path)));
    }
  }

  /** The whole mask of a frozen parameter changes nothing, so it may stand in the set. */
  @Test
  void applyTo_ofAFrozenParameter_isRefused_unlessAllOfItIsKept() {
    try (Model model = TinyResNet.newModel()) {
      ParameterPaths.of(model.getBlock()).find("conv1.weight").parameter().freeze(true);
      Shape shape = shape(model, "conv1.weight");
      one("conv1.weight", Mask.ones(shape)).applyTo(model);
      MaskSet masks = one("conv1.weight", Mask.zeros(shape));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> masks.applyTo(model))
          .withMessage(
              "mask of a frozen parameter: conv1.weight; expected a parameter that may change, or"
                  + " a mask that keeps all of it, found one frozen, 216 weights to remove;"
                  + " unfreeze it with freezeParameters(false), or leave this mask out.");
      model.getBlock().freezeParameters(false);
      masks.applyTo(model);
      assertThat(array(model, "conv1.weight").toFloatArray()).containsOnly(0f);
    }
  }

  @Test
  void applyTo_withoutWeights_saysSo() {
    try (Model model = Model.newInstance("empty")) {
      assertThatIllegalStateException()
          .isThrownBy(() -> one("a.weight", Mask.ones(new Shape(1))).applyTo(model))
          .withMessageContaining("found no block");
    }
  }

  @Test
  void of_savedAndLoaded_predictsTheSame() throws Exception {
    Path result = folder.resolve("result");
    Image image =
        ImageFactory.getInstance().fromImage(new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB));
    float[] expected;
    String seen;
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned = PrunedModel.of(model, thirds(model), INPUT, NAMES)) {
      assertThat(pruned.masks().layout())
          .isEqualTo(ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights()));
      assertThat(pruned.report().kept()).isEqualTo(pruned.masks().kept());
      assertThat(pruned.report().layers()).hasSize(pruned.masks().asMap().size());
      assertThat(pruned.report().gradientSteps()).isZero();
      assertThat(pruned.toString())
          .isEqualTo("PrunedModel 'tinyresnet', 20 classes, no prompt: " + pruned.report().line());
      expected = Engines.evaluate(model.getBlock(), TinyResNet.plainInput(1), BATCH);
      seen = pruned.newPredictor().predict(image).toJson();
      pruned.save(result);
    }
    try (Model other = TinyResNet.newModel();
        PrunedModel loaded = PrunedModel.load(result, other)) {
      assertThat(Engines.evaluate(other.getBlock(), TinyResNet.plainInput(1), BATCH))
          .isEqualTo(expected);
      assertThat(loaded.newPredictor().predict(image).toJson()).isEqualTo(seen);
      assertThat(loaded.classNames()).isEqualTo(NAMES);
    }
  }

  @Test
  void toString_ofAModelWhoseNameActsOnATerminal_showsIt() {
    try (Model model = Model.newInstance("red\u001b[31m");
        Model network = TinyResNet.newModel()) {
      model.setBlock(network.getBlock());
      try (PrunedModel pruned = PrunedModel.of(model, thirds(model), INPUT, NAMES)) {
        assertThat(pruned.toString()).startsWith("PrunedModel 'red\\u001b[31m', 20 classes");
      }
    }
  }

  @Test
  void of_aModule_savedAndLoaded_givesTheSame() throws Exception {
    Path result = folder.resolve("result");
    float[] expected;
    try (Model model = Model.newInstance("module")) {
      ScriptModules.load(Fixtures.copy("tinyresnet.pt", folder), model);
      try (PrunedModel pruned = PrunedModel.of(model, thirds(model), INPUT, NAMES)) {
        expected = Engines.evaluate(model.getBlock(), TinyResNet.plainInput(1), BATCH);
        pruned.save(result);
      }
    }
    try (PrunedModel loaded = PrunedModel.loadTrusted(result)) {
      assertThat(Engines.evaluate(loaded.model().getBlock(), TinyResNet.plainInput(1), BATCH))
          .isEqualTo(expected);
    }
  }

  @Test
  void of_fewerClassesThanOutputs_takesAMapping() {
    LabelAssignment mapping = LabelAssignment.of(TinyResNet.SOURCE_CLASSES, new int[][] {{3}, {7}});
    List<String> two = List.of("ant", "bee");
    try (Model model = TinyResNet.newModel()) {
      Map<String, float[]> before = SavedResults.parameters(model);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> PrunedModel.of(model, thirds(model), INPUT, two))
          .withMessageStartingWith(
              "class names do not fit the network: PrunedModel.of; expected 20 names, one for each"
                  + " output, found 2; ");
      LabelAssignment other = LabelAssignment.of(9, new int[][] {{3}, {7}});
      assertThatIllegalArgumentException()
          .isThrownBy(() -> PrunedModel.of(model, thirds(model), INPUT, other, two))
          .withMessageStartingWith("label mapping of another network: ");
      assertThat(SavedResults.parameters(model))
          .allSatisfy((path, values) -> assertThat(values).isEqualTo(before.get(path)));
      try (PrunedModel pruned = PrunedModel.of(model, thirds(model), INPUT, mapping, two)) {
        assertThat(pruned.mapping()).isEqualTo(mapping);
      }
    }
  }

  @Test
  void of_anEmptiedLayer_warns() {
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned =
            PrunedModel.of(
                model, one("fc.weight", Mask.zeros(shape(model, "fc.weight"))), INPUT, NAMES)) {
      assertThat(pruned.report().warnings())
          .containsExactly("1 layer has no weight left: fc.weight");
      assertThat(pruned.report().sparsity()).isEqualTo("1");
    }
  }

  @Test
  void of_aNameThatIsBlankOrThereTwice_isRefused_andNothingChanges() {
    try (Model model = TinyResNet.newModel()) {
      MaskSet masks = thirds(model);
      List<Integer> before = Outcome.logits(model);
      for (String name : new String[] {" ", NAMES.get(0)}) {
        List<String> names = new ArrayList<>(NAMES);
        names.set(3, name);
        assertThatIllegalArgumentException()
            .isThrownBy(() -> PrunedModel.of(model, masks, INPUT, names))
            .withMessageMatching("class name (is blank|twice): PrunedModel.of, classNames; .*");
      }
      assertThat(Outcome.logits(model)).isEqualTo(before);
    }
  }

  /** Of what such a network answers nothing is right, and much of it no number. */
  @Test
  void of_anUnsoundNetwork_isRefused() {
    try (Model model = TinyResNet.newModel()) {
      MaskSet masks = thirds(model);
      array(model, "bn1.running_var").set(new NDIndex(3), -1);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> PrunedModel.of(model, masks, INPUT, NAMES))
          .withMessageStartingWith(
              "variance is negative: model 'tinyresnet', bn1.running_var[3]; expected 0 or more,");
      array(model, "bn1.running_var").set(new NDIndex(3), 1);
      array(model, "fc.bias").set(new NDIndex(2), Float.NaN);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> PrunedModel.of(model, masks, INPUT, NAMES))
          .withMessageStartingWith("value is not finite: model 'tinyresnet', fc.bias[2]; ");
    }
  }

  /** Weights may be spoilt later, or come so from a folder. */
  @Test
  void prediction_thatIsNoNumber_isRefused() {
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned = PrunedModel.of(model, thirds(model), INPUT, NAMES);
        Predictor<Image, Classifications> predictor = pruned.newPredictor()) {
      array(model, "fc.bias").set(new NDIndex(2), Float.NaN);
      assertThatThrownBy(() -> predictor.predict(black()))
          .isInstanceOf(TranslateException.class)
          .hasMessageContaining("answer is not a number: class 'class 0'; expected a probability");
    }
  }

  private static Image black() {
    return ImageFactory.getInstance()
        .fromImage(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB));
  }

  /** Whether the model goes with it, as one that was loaded, or stays, as one of the caller's. */
  @Test
  void predictor_ofAResultThatWasClosed_saysSo() throws Exception {
    try (Model model = TinyResNet.newModel()) {
      PrunedModel given = PrunedModel.of(model, thirds(model), INPUT, NAMES);
      given.save(folder.resolve("result"));
      PrunedModel loaded = PrunedModel.load(folder.resolve("result"), TinyResNet.newModel());
      for (PrunedModel pruned : List.of(given, loaded)) {
        try (Predictor<Image, Classifications> predictor = pruned.newPredictor()) {
          assertThat(predictor.predict(black()).items()).hasSize(NAMES.size());
          pruned.close();
          assertThatThrownBy(() -> predictor.predict(black()))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageStartingWith(
                  "use after close: PrunedModel.newPredictor, predict; expected a pruned model that"
                      + " is open, found one that was closed;");
        }
      }
    }
  }

  @Test
  void predictor_thatWasClosed_saysSo() {
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned = PrunedModel.of(model, thirds(model), INPUT, NAMES)) {
      Predictor<Image, Classifications> predictor = pruned.newPredictor();
      predictor.close();
      predictor.close();
      assertThatThrownBy(() -> predictor.predict(black()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith(
              "use after close: Predictor.predict; expected a predictor that is open, found one");
    }
  }
}
