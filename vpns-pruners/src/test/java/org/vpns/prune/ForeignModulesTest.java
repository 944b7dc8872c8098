package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.util.PairList;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.ImageInput;
import org.vpns.MaskSet;
import org.vpns.NamedParameter;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.Sparsity;
import org.vpns.predict.PrunedModel;
import org.vpns.testing.Fixtures;
import org.vpns.train.ImageSets;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/** TorchScript modules as others export them: weights that are shared, and several outputs. */
final class ForeignModulesTest {
  private static final Shape SHAPE = new Shape(1, 3, 4);

  @TempDir Path folder;
  private final Sparsity half = Sparsity.of("0.5");

  /** The network of tied.pt: two layers of one weight, as so many parameters. */
  private static final class Tied extends AbstractBlock {
    private final List<Parameter> weights;
    private final Parameter last;
    private final List<Parameter> biases;

    /**
     * With the values of a module.
     *
     * @param apart whether the shared weight has two parameters that hold one array, or only one
     */
    Tied(Model module, NDManager manager, boolean apart) {
      NDArray shared = copy(module, manager, "a.weight");
      Parameter a = add("a.weight", Parameter.Type.WEIGHT, shared);
      weights = List.of(a, apart ? add("b.weight", Parameter.Type.WEIGHT, shared) : a);
      last = add("c.weight", Parameter.Type.WEIGHT, copy(module, manager, "c.weight"));
      biases =
          List.of(
              add("a.bias", Parameter.Type.BIAS, copy(module, manager, "a.bias")),
              add("b.bias", Parameter.Type.BIAS, copy(module, manager, "b.bias")),
              add("c.bias", Parameter.Type.BIAS, copy(module, manager, "c.bias")));
    }

    private static NDArray copy(Model module, NDManager manager, String name) {
      NDArray array = module.getBlock().getParameters().get(name).getArray();
      return manager.create(array.toFloatArray(), array.getShape());
    }

    private Parameter add(String name, Parameter.Type type, NDArray array) {
      Parameter parameter = Parameter.builder().setName(name).setType(type).optArray(array).build();
      return addParameter(parameter);
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      NDArray x = inputs.head();
      x = x.reshape(x.getShape().get(0), 12);
      for (int i = 0; i < 3; i++) {
        NDArray weight = store.getValue(i < 2 ? weights.get(i) : last, x.getDevice(), training);
        NDArray bias = store.getValue(biases.get(i), x.getDevice(), training);
        x = Linear.linear(x, weight, bias).head();
        x = i < 2 ? x.getNDArrayInternal().relu() : x;
      }
      return new NDList(x);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
      return new Shape[] {new Shape(inputs[0].get(0), 3)};
    }
  }

  private Model module(String file) throws Exception {
    Model model = Model.newInstance("x");
    model.load(Fixtures.copy(file, folder), null, Map.of("trainParam", "true"));
    return model;
  }

  private static ImageSets splits(NDManager manager) {
    float[] values = new float[16 * 12];
    long[] labels = new long[16];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i * 37 % 101) / 101f;
    }
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % 3;
    }
    return ImageSets.of(
        new ArrayDataset.Builder()
            .setData(manager.create(values, new Shape(16).addAll(SHAPE)))
            .optLabels(manager.create(labels))
            .setSampling(8, false)
            .build(),
        3);
  }

  private PrunedModel prune(Model model, Recipe.Builder recipe, NDManager manager) {
    return Trainer.of(recipe.input(ImageInput.of(1, 3, 4)).batchSize(8).epochs(2).build())
        .fit(model, splits(manager));
  }

  /**
   * One parameter that is used twice, two that hold one array, and two names of a module's tensor
   * are the same network.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void fit_ofASharedWeight_movesItAsOne(boolean apart) throws Exception {
    try (NDManager manager = NDManager.newBaseManager();
        Model module = module("tied.pt");
        Model block = Model.newInstance("block")) {
      float[] before = module.getBlock().getParameters().get("a.weight").getArray().toFloatArray();
      block.setBlock(new Tied(module, manager, apart));
      try (PrunedModel one = prune(module, Recipe.of(Pruners.magnitude(), half), manager);
          PrunedModel two = prune(block, Recipe.of(Pruners.magnitude(), half), manager)) {
        assertThat(one.masks().size()).isEqualTo(180);
        assertThat(one.masks().kept()).isEqualTo(90);
        assertThat(one.masks()).isEqualTo(two.masks());
        float[] moved = module.getBlock().getParameters().get("a.weight").getArray().toFloatArray();
        float[] expected =
            block.getBlock().getParameters().get("a.weight").getArray().toFloatArray();
        int changed = 0;
        for (int i = 0; i < moved.length; i++) {
          // the same kernels in the same order but for what the module's executor fuses
          assertThat(moved[i]).isCloseTo(expected[i], within(1e-6f));
          boolean kept = one.masks().get("a.weight").isKept(i);
          changed += kept && moved[i] != before[i] ? 1 : 0;
        }
        assertThat(changed).isGreaterThan(one.masks().get("a.weight").kept() / 2);
      }
    }
  }

  /** A module that was loaded to predict alone cannot be written into, but it can be looked at. */
  @Test
  void parameters_ofAModuleThatOnlyPredicts_areTheSame() throws Exception {
    for (String name : List.of("tied.pt", "views.pt")) {
      try (Model fixed = Model.newInstance("fixed");
          Model module = module(name)) {
        fixed.load(Fixtures.copy(name, folder), null, Map.of());
        ParameterPaths paths = ParameterPaths.of(fixed.getBlock());
        assertThat(paths.list().stream().map(NamedParameter::path))
            .isEqualTo(
                ParameterPaths.of(module.getBlock()).list().stream()
                    .map(NamedParameter::path)
                    .toList());
        MaskSet masks = MaskSet.ones(paths.prunable(ParameterFilter.weights()));
        assertThatThrownBy(() -> masks.applyTo(fixed))
            .hasMessageStartingWith("TorchScript module cannot be changed: model '");
      }
    }
  }

  @Test
  void save_ofASharedWeight_isLoadedAgain() throws Exception {
    for (Recipe.Builder recipe :
        List.of(Recipe.of(Pruners.random(), half), Recipe.of(Pruners.rigl().every(1), half))) {
      try (NDManager manager = NDManager.newBaseManager();
          Model module = module("tied.pt")) {
        Path result = folder.resolve("result");
        try (PrunedModel pruned = prune(module, recipe, manager)) {
          pruned.save(result);
          try (PrunedModel loaded = PrunedModel.loadTrusted(result)) {
            assertThat(loaded.masks()).isEqualTo(pruned.masks());
            NDArray images = manager.ones(new Shape(2).addAll(SHAPE), DataType.FLOAT32);
            assertThat(logits(loaded, images)).isEqualTo(logits(pruned, images));
          }
        }
      }
    }
  }

  private static float[] logits(PrunedModel pruned, NDArray images) {
    ParameterStore store = new ParameterStore(images.getManager(), false);
    return pruned
        .model()
        .getBlock()
        .forward(store, new NDList(images), false)
        .head()
        .toFloatArray();
  }

  /** In PyTorch these are two parameters whose updates both reach the memory. */
  @Test
  void fit_ofTwoParametersOnOneMemory_isRefused() throws Exception {
    refuse(
        "views.pt",
        "TorchScript module cannot be trained: model 'views', a.weight and b.weight; expected one"
            + " tensor, or memory of their own, found two tensors on one memory, each with a"
            + " gradient; assign one nn.Parameter to both, or clone one, and save the module"
            + " again.");
  }

  @Test
  void fit_ofSeveralOutputs_isRefused() throws Exception {
    refuse(
        "tuple.pt",
        "network with several outputs: model 'tuple'; expected one tensor of logits, found 2"
            + " tensors [(2, 3), (2, 3)]; save a module whose forward returns the logits alone:"
            + " wrap this one and return net(x)[0], or the name of its logits.");
    refuse(
        "optional.pt",
        "network with several outputs: model 'optional'; expected one tensor of logits, found values"
            + " that are no tensors (Unsupported IValue type.); save a module whose forward returns"
            + " the logits alone: wrap this one and return net(x)[0], or the name of its logits.");
  }

  private void refuse(String file, String message) throws Exception {
    try (NDManager manager = NDManager.newBaseManager();
        Model module = module(file)) {
      float[] before =
          module.getBlock().getParameters().get(0).getValue().getArray().toFloatArray();
      assertThatThrownBy(() -> prune(module, Recipe.of(Pruners.magnitude(), half), manager))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(message);
      assertThat(module.getBlock().getParameters().get(0).getValue().getArray().toFloatArray())
          .isEqualTo(before);
    }
  }
}
