package org.vpns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.testing.Fixtures;
import org.vpns.testing.TinyResNet;

class ParameterPathsTest {
  private NDManager manager;

  @BeforeEach
  void open() {
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private static List<String> paths(Block block) {
    return ParameterPaths.of(block).list().stream().map(NamedParameter::path).toList();
  }

  private static Conv2d conv() {
    return Conv2d.builder().setKernelShape(new Shape(1, 1)).setFilters(2).optBias(false).build();
  }

  private static Linear linear() {
    return Linear.builder().setUnits(2).build();
  }

  /** conv1, a residual part with lambda, statistics, and fc; children without forward order. */
  private static Named network() {
    SequentialBlock body =
        new SequentialBlock()
            .add(conv())
            .add(BatchNorm.builder().build())
            .add(Activation::relu)
            .add(Conv2d.builder().setKernelShape(new Shape(1, 1)).setFilters(2).build());
    ParallelBlock branches =
        new ParallelBlock(lists -> new NDList(lists.get(0).head().add(lists.get(1).head())))
            .add(body)
            .add(new SequentialBlock().add(conv()))
            .add(list -> list);
    return new Named()
        .with("conv1", conv())
        .with("layer1", branches)
        .with("norm", LayerNorm.builder().build())
        .with("fc", linear());
  }

  @Test
  void paths_ofNestedBlocks_areNamesAndPositions() {
    assertThat(paths(network()))
        .containsExactly(
            "conv1.weight",
            "layer1.0.0.weight",
            "layer1.0.1.weight",
            "layer1.0.1.bias",
            "layer1.0.1.running_mean",
            "layer1.0.1.running_var",
            "layer1.0.3.weight",
            "layer1.0.3.bias",
            "layer1.1.0.weight",
            "norm.weight",
            "norm.bias",
            "fc.weight",
            "fc.bias");
  }

  @Test
  void prunable_ofTheDefaultFilter_areConvolutionAndLinearWeights() {
    Named network = network().initialised(manager, new Shape(1, 3, 4, 4));
    Layout layout = ParameterPaths.of(network).prunable(ParameterFilter.weights());
    assertThat(layout.paths())
        .containsExactly(
            "conv1.weight",
            "layer1.0.0.weight",
            "layer1.0.3.weight",
            "layer1.1.0.weight",
            "fc.weight");
    assertThat(layout.shape(0)).isEqualTo(new Shape(2, 3, 1, 1));
    assertThat(layout.shape(4)).isEqualTo(new Shape(2, 48));
  }

  @Test
  void prunable_ofPatterns_matchesWholePaths() {
    ParameterPaths paths = ParameterPaths.of(network().initialised(manager, new Shape(1, 3, 4, 4)));
    assertThat(paths.prunable(ParameterFilter.matching("layer1\\..*")).paths())
        .containsExactly("layer1.0.0.weight", "layer1.0.3.weight", "layer1.1.0.weight");
    assertThat(paths.prunable(ParameterFilter.weights().except("fc.*")).paths())
        .containsExactly(
            "conv1.weight", "layer1.0.0.weight", "layer1.0.3.weight", "layer1.1.0.weight");
    // else it would be pruned, though its layer is named
    assertThatIllegalArgumentException()
        .isThrownBy(() -> paths.prunable(ParameterFilter.weights().except("fc.weigth")))
        .withMessage(
            "no parameter to leave out: ParameterFilter.weights().except('fc.weigth'); expected a"
                + " whole path of one of the network's "
                + paths.list().size()
                + " parameters, found none that matches (nearest: fc.weight); write for example"
                + " layer1\\..*, or take paths from ParameterPaths.of(block).");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> paths.prunable(ParameterFilter.weights().except("conv1")));
  }

  @Test
  void filter_ofRecurrentLayers_leavesThemOut() {
    LSTM lstm = LSTM.builder().setStateSize(2).setNumLayers(1).build();
    Named network = new Named().with("lstm", lstm).with("fc", linear());
    network.initialised(manager, new Shape(1, 3, 4));
    ParameterPaths paths = ParameterPaths.of(network);
    assertThat(paths.list()).hasSizeGreaterThan(2);
    assertThat(paths.prunable(ParameterFilter.weights()).paths()).containsExactly("fc.weight");
  }

  @Test
  void prunable_whenNothingMatches_listsNameBeginnings() {
    Named network = network().initialised(manager, new Shape(1, 3, 4, 4));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> ParameterPaths.of(network).prunable(ParameterFilter.matching("features.*")))
        .withMessage(
            "no prunable parameter: ParameterFilter.matching('features.*'); expected at least 1 of"
                + " 13 parameters, found 0; names begin with: conv1, layer1, norm, fc.");
  }

  @Test
  void filter_printsAsItWasBuilt() {
    assertThat(ParameterFilter.weights().except("fc\\..*"))
        .hasToString("ParameterFilter.weights().except('fc\\..*')");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ParameterFilter.matching("layer[1"))
        .withMessageStartingWith("malformed parameter filter: 'layer[1'; expected a regular");
  }

  /** A network from a checkpoint calls its children 0, 1, ...; the names need not be positions. */
  @Test
  void paths_ofNumericNames_keepThem() {
    Named block = new Named().with("0", conv()).with("3", conv()).with("1x1conv", conv());
    assertThat(paths(block)).containsExactly("0.weight", "3.weight", "1x1conv.weight");
  }

  @Test
  void paths_ofMoreThan99Children_countOn() {
    SequentialBlock block = new SequentialBlock();
    for (int i = 0; i < 102; i++) {
      block.add(conv());
    }
    assertThat(paths(block)).hasSize(102).startsWith("0.weight").endsWith("101.weight");
    Named named = new Named();
    for (int i = 0; i < 102; i++) {
      named.with("conv" + i, conv());
    }
    assertThat(paths(named)).endsWith("conv100.weight", "conv101.weight");
  }

  @Test
  void paths_ofSiblingsWithOneName_stayUnique() {
    Named block = new Named().with("conv", conv()).with("conv", conv()).with("fc", linear());
    assertThat(paths(block))
        .containsExactly("01conv.weight", "02conv.weight", "fc.weight", "fc.bias");
    // "1" by name at position 0, and an unnamed child at position 1
    Named mixed = new Named().with("1", conv()).with("Conv2d", conv());
    assertThat(new HashSet<>(paths(mixed))).hasSize(2);
  }

  @Test
  void paths_ofASharedBlock_listItOnce() {
    Conv2d shared = conv();
    Named network = new Named().with("a", shared).with("b", shared).with("c", conv());
    assertThat(paths(network)).containsExactly("a.weight", "c.weight");
    assertThat(ParameterPaths.of(network).sharing("a.weight").stream().map(NamedParameter::path))
        .containsExactly("b.weight");
  }

  @Test
  void paths_thatNestIntoOneAnother_areRefused() {
    Named block = new Named().with("a.b", conv()).with("a", new Named().with("b", conv()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ParameterPaths.of(block))
        .withMessage(
            "two parameters of one path: a.b.weight; expected unique paths, found it twice in"
                + " Named; give the blocks' children different names.");
  }

  @Test
  void prunable_beforeInitialisation_saysSo() {
    assertThatIllegalStateException()
        .isThrownBy(() -> ParameterPaths.of(network()).prunable(ParameterFilter.weights()))
        .withMessage(
            "parameter without a shape: conv1.weight; expected an initialised network, found no"
                + " shape yet; call Block.initialize or load the weights first.");
  }

  /** As a TorchScript module: dotted names at the root, arrays without a declared shape. */
  @Test
  void prunable_ofAModuleWithoutStructure_areItsMatrices() {
    Named module = new Named();
    module.parameter("features.0.weight", manager.ones(new Shape(2, 3, 1, 1)));
    module.parameter("features.1.weight", manager.ones(new Shape(2)));
    Layout layout = ParameterPaths.of(module).prunable(ParameterFilter.weights());
    assertThat(layout.paths()).containsExactly("features.0.weight");
    assertThat(layout.shape(0)).isEqualTo(new Shape(2, 3, 1, 1));
  }

  /** One number for each slice scales a weight; with one output, a weight has one row. */
  @Test
  void prunable_ofAModuleUnderWeightNorm_areNoGains(@TempDir Path folder) throws Exception {
    try (Model model = Model.newInstance("normed")) {
      model.load(Fixtures.copy("normed.pt", folder), null, Map.of("trainParam", "true"));
      ParameterPaths paths = ParameterPaths.of(model.getBlock());
      // (3, 1, 1, 1) beside (3, 2, 3, 3), (1, 3) beside (4, 3)
      assertThat(paths.list().stream().map(NamedParameter::path))
          .contains("conv.weight_g", "fc.weight_g", "mixes.0");
      assertThat(paths.prunable(ParameterFilter.weights()).paths())
          .containsExactlyInAnyOrder("conv.weight_v", "fc.weight_v", "last.weight");
      assertThat(paths.prunable(ParameterFilter.matching(".*weight_g|last.*")).paths())
          .containsExactly("last.weight");
      List<String> named = List.of("conv.weight_g", "mixes.0");
      assertThat(paths.prunable(ParameterFilter.paths(named)).paths())
          .containsExactlyInAnyOrderElementsOf(named);
    }
  }

  /** {@code b.weight} is {@code a.weight}, as PyTorch's {@code named_parameters()} has it too. */
  @Test
  void paths_ofAModuleWithASharedWeight_listItOnce(@TempDir Path folder) throws Exception {
    try (Model model = Model.newInstance("tied")) {
      model.load(Fixtures.copy("tied.pt", folder), null, Map.of("trainParam", "true"));
      float[] before = model.getBlock().getParameters().get("a.weight").getArray().toFloatArray();
      ParameterPaths paths = ParameterPaths.of(model.getBlock());
      assertThat(paths.list().stream().map(NamedParameter::path))
          .containsExactly("a.weight", "a.bias", "b.bias", "c.weight", "c.bias");
      assertThat(paths.sharing("a.weight").stream().map(NamedParameter::path))
          .containsExactly("b.weight");
      assertThat(paths.sharing("c.weight")).isEmpty();
      // 12 x 12 and 3 x 12
      assertThat(paths.prunable(ParameterFilter.weights()).size()).isEqualTo(180);
      NamedParameter shared = paths.find("a.weight");
      assertThat(shared).isNotNull();
      assertThat(shared.parameter().getArray().toFloatArray()).isEqualTo(before);
    }
  }

  /** Equal values are no shared memory: normalisation layers of a new module are all 1. */
  @Test
  void paths_ofAModuleWithEqualValues_listAll(@TempDir Path folder) throws Exception {
    try (Model model = Model.newInstance("tinyresnet")) {
      model.load(Fixtures.copy("tinyresnet.pt", folder), null, Map.of("trainParam", "true"));
      List<String> all = model.getBlock().getParameters().keys();
      for (String name : all) {
        NDArray array = model.getBlock().getParameters().get(name).getArray();
        array.set(new float[(int) array.size()]);
      }
      assertThat(paths(model.getBlock())).isEqualTo(all);
      for (String name : all) {
        assertThat(model.getBlock().getParameters().get(name).getArray().toFloatArray())
            .containsOnly(0);
      }
    }
  }

  @Test
  void paths_ofTwoParametersWithOneArray_listItOnce() {
    NDArray array = manager.ones(new Shape(2, 3));
    Named network = new Named();
    network.parameter("one.weight", array);
    network.parameter("two.weight", array);
    network.parameter("three.weight", manager.ones(new Shape(2, 3)));
    assertThat(paths(network)).containsExactly("one.weight", "three.weight");
    assertThat(ParameterPaths.of(network).sharing("one.weight").get(0).path())
        .isEqualTo("two.weight");
  }

  @Test
  void prunable_ofAFrozenModule_saysWhatToSaveInstead(@TempDir Path folder) throws Exception {
    try (Model model = Model.newInstance("frozen")) {
      model.load(Fixtures.copy("frozen.pt", folder), null, Map.of("trainParam", "true"));
      ParameterPaths paths = ParameterPaths.of(model.getBlock());
      assertThatIllegalArgumentException()
          .isThrownBy(() -> paths.prunable(ParameterFilter.weights()))
          .withMessage(
              "network without parameters: a module that the engine loaded from a file; expected"
                  + " weights that are parameters, found none: its weights are constants, as"
                  + " torch.jit.freeze and optimize_for_inference leave them; save the module"
                  + " before it is frozen, with torch.jit.script(net).save(file); read an ONNX file"
                  + " with Onnx.read.");
    }
  }

  @Test
  void find_returnsTheParameterOrNull() {
    Named network = network();
    ParameterPaths paths = ParameterPaths.of(network);
    NamedParameter found = paths.find("fc.bias");
    assertThat(found).isNotNull();
    assertThat(found.parameter().getType()).isEqualTo(Parameter.Type.BIAS);
    assertThat(found.owner()).isInstanceOf(Linear.class);
    assertThat(paths.find("fc")).isNull();
    assertThat(paths).hasSize(13);
  }

  /** A block of named children; runs nothing. */
  private static final class Named extends AbstractBlock {
    Named with(String name, Block child) {
      addChildBlock(name, child);
      return this;
    }

    void parameter(String name, NDArray array) {
      addParameter(
          Parameter.builder().setName(name).setType(Parameter.Type.WEIGHT).optArray(array).build());
    }

    Named initialised(NDManager owner, Shape input) {
      initialize(owner, DataType.FLOAT32, input);
      return this;
    }

    @Override
    protected void initializeChildBlocks(NDManager owner, DataType type, Shape... inputs) {
      for (Block child : getChildren().values()) {
        Shape shape = child instanceof Linear ? new Shape(1, inputs[0].size()) : inputs[0];
        child.initialize(owner, type, shape);
      }
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
      return inputs;
    }
  }

  @Test
  void filterExceptHead_leavesOutTheLastOfAsManyRowsAsThereAreOutputs() {
    try (Model model = TinyResNet.newModel()) {
      ParameterPaths paths = ParameterPaths.of(model.getBlock());
      ParameterFilter filter = ParameterFilter.weights().exceptHead(TinyResNet.SOURCE_CLASSES);
      List<String> all = paths.prunable(ParameterFilter.weights()).paths();
      assertThat(paths.prunable(filter).paths())
          .isEqualTo(all.stream().filter(path -> !path.equals("fc.weight")).toList());
      assertThat(filter).hasToString("ParameterFilter.weights().exceptHead(20)");
      // what is left out already is no head
      assertThat(paths.prunable(ParameterFilter.weights().exceptHead(20).except("conv1.*")).paths())
          .doesNotContain("conv1.weight", "fc.weight")
          .hasSize(all.size() - 2);
    }
  }

  @Test
  void filterExceptHead_withoutSuchAParameter_isRefused() {
    try (Model model = TinyResNet.newModel()) {
      ParameterPaths paths = ParameterPaths.of(model.getBlock());
      assertThatIllegalArgumentException()
          .isThrownBy(() -> paths.prunable(ParameterFilter.weights().exceptHead(21)))
          .withMessage(
              "no head found: ParameterFilter.weights().exceptHead(21); expected a parameter of"
                  + " shape (21, ...), found fc.weight (20, 16) as the last one; pass the number of"
                  + " the network's outputs, or name the head in except.");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> paths.prunable(ParameterFilter.weights().except("fc.*").exceptHead(20)))
          .withMessageStartingWith("no head found: ");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ParameterFilter.weights().exceptHead(0))
          .withMessageStartingWith("head without outputs: ");
    }
  }

  @Test
  void paths_thatTheNetworkLacks_areRefusedWithTheNearestNames() {
    try (Model model = TinyResNet.newModel()) {
      ParameterPaths paths = ParameterPaths.of(model.getBlock());
      assertThatThrownBy(
              () ->
                  paths.prunable(
                      ParameterFilter.paths(List.of("fc.weight", "conv1.wieght", "nothing"))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "unknown parameter: ParameterFilter.paths(3 paths); expected names of the network's"
                  + " 32 parameters, found conv1.wieght (nearest: conv1.weight), nothing; take them"
                  + " from ParameterPaths.of(block).");
    }
  }

  @Test
  void paths_ofStatistics_areRefused() {
    try (Model model = TinyResNet.newModel()) {
      ParameterPaths paths = ParameterPaths.of(model.getBlock());
      assertThatThrownBy(
              () -> paths.prunable(ParameterFilter.paths(List.of("fc.weight", "bn1.running_var"))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "statistics cannot be pruned: ParameterFilter.paths(2 paths); expected weights,"
                  + " biases or scales, found statistics of normalisation: bn1.running_var; leave"
                  + " them out.");
    }
  }

  @Test
  void frozen_parametersPassOnlyWhereTheyAreAskedFor() {
    try (Model model = TinyResNet.newModel()) {
      model.getBlock().getChildren().get("01conv1").freezeParameters(true);
      ParameterPaths paths = ParameterPaths.of(model.getBlock());
      assertThat(paths.frozen()).extracting(NamedParameter::path).containsExactly("conv1.weight");
      ParameterFilter weights = ParameterFilter.weights();
      assertThat(paths.prunable(weights).paths()).hasSize(6).doesNotContain("conv1.weight");
      assertThat(paths.prunable(weights.frozenToo()).paths()).hasSize(7).contains("conv1.weight");
      assertThat(paths.prunable(ParameterFilter.matching("conv1.*").frozenToo()).paths())
          .containsExactly("conv1.weight");
      assertThat(paths.prunable(ParameterFilter.paths(List.of("conv1.weight"))).paths())
          .containsExactly("conv1.weight");
      assertThat(weights.frozenToo().except("fc.*"))
          .hasToString("ParameterFilter.weights().frozenToo().except('fc.*')");
    }
  }
}
