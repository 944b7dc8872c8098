package org.vpns.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.Batchifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.NamedParameter;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Layers;
import org.vpns.io.FormatException;
import org.vpns.io.SafeTensors;
import org.vpns.model.ResNets;

/** The block of a graph as any other block: files, training, memory. */
class GraphBlockTest {
  private static final Shape IMAGE = new Shape(1, 32, 32);

  private Model source;
  private GraphBlock block;
  private NDArray images;

  @TempDir Path folder;

  @BeforeEach
  void open() {
    source = ResNets.small().newModel("small", 3);
    GraphComparison.randomise(source.getBlock(), 4);
    block = BlockTracer.graphBlock(source.getBlock(), source.getNDManager(), IMAGE);
    images = GraphComparison.images(source.getNDManager(), new Shape(4).addAll(IMAGE));
  }

  @AfterEach
  void close() {
    source.close();
  }

  private float[] logits(ai.djl.nn.Block network) {
    try (NDManager scope = source.getNDManager().newSubManager()) {
      NDArray y =
          network.forward(new ParameterStore(scope, false), new NDList(images), false).head();
      return y.toFloatArray();
    }
  }

  @Test
  void savedByDjl_loadsIntoTheSameGraph() throws Exception {
    Model model = Model.newInstance("graph");
    model.setBlock(block);
    model.save(folder, "graph");
    Model other = Model.newInstance("graph");
    other.setBlock(GraphBlock.of(block.graph(), other.getNDManager()));
    other.load(folder, "graph");
    assertThat(logits(other.getBlock())).isEqualTo(logits(block));
    other.close();
  }

  @Test
  void graphFile_bringsNetworkAndWeights_otherProgramsReadTheWeights() throws IOException {
    Path file = folder.resolve("network.safetensors");
    GraphFile.save(block, file);
    try (Model model = GraphFile.open(file)) {
      assertThat(logits(model.getBlock())).isEqualTo(logits(source.getBlock()));
      assertThat(((GraphBlock) model.getBlock()).graph()).isEqualTo(block.graph());
    }
    assertThat(SafeTensors.read(file).names())
        .containsExactlyElementsOf(
            ParameterPaths.of(source.getBlock()).list().stream()
                .map(NamedParameter::path)
                .toList());
  }

  @Test
  void graphFile_thatHoldsNoneOrAnother_isRefused() throws IOException {
    Path file = folder.resolve("network.safetensors");
    SafeTensors.builder().putFloats("a", new Shape(1), new float[] {1}).write(file);
    assertThatThrownBy(() -> GraphFile.open(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("no graph in the file");
    SafeTensors.builder()
        .metadata("vpns.graph", GraphJson.write(block.graph()))
        .putFloats("conv1.weight", new Shape(1), new float[] {1})
        .write(file);
    assertThatThrownBy(() -> GraphFile.open(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("conv1.weight; expected (16, 1, 3, 3), found (1)");
    SafeTensors.builder()
        .metadata(
            "vpns.graph", GraphJson.write(block.graph()).replace("vpns graph 1", "vpns graph 9"))
        .putFloats("a", new Shape(1), new float[] {1})
        .write(file);
    assertThatThrownBy(() -> GraphFile.open(file))
        .hasMessageContaining("expected vpns graph 1, found vpns graph 9");
  }

  @Test
  void djlTrainer_trainsIt_asItTrainsTheBlock() {
    assertThat(trained(block)).isEqualTo(trained(source.getBlock()));
  }

  private float[] trained(ai.djl.nn.Block network) {
    Model model = Model.newInstance("trained");
    model.setBlock(network);
    DefaultTrainingConfig config =
        new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
            .optOptimizer(Optimizer.sgd().setLearningRateTracker(Tracker.fixed(0.05f)).build());
    try (Trainer trainer = model.newTrainer(config)) {
      trainer.initialize(images.getShape());
      for (int step = 0; step < 3; step++) {
        NDManager manager = trainer.getManager().newSubManager();
        NDArray labels = manager.create(new float[] {0, 1, 2, 3});
        EasyTrain.trainBatch(
            trainer,
            new Batch(
                manager,
                new NDList(images.duplicate()),
                new NDList(labels),
                4,
                Batchifier.STACK,
                Batchifier.STACK,
                0,
                1));
        trainer.step();
        manager.close();
      }
    }
    return logits(network);
  }

  @Test
  void forward_givesIntermediatesBack() {
    NDManager owner = source.getNDManager();
    logits(block);
    int before = owner.getManagedArrays().size();
    try (NDManager scope = owner.newSubManager()) {
      NDArray x = images.stopGradient();
      x.attach(scope);
      for (int i = 0; i < 50; i++) {
        block.forward(new ParameterStore(scope, false), new NDList(x), false);
      }
      // the input and 50 results; nothing in between
      assertThat(scope.getManagedArrays()).hasSize(51);
    }
    assertThat(owner.getManagedArrays()).hasSize(before);
  }

  @Test
  void filter_findsTheSameWeights() {
    assertThat(ParameterPaths.of(block).prunable(ParameterFilter.weights()))
        .isEqualTo(ParameterPaths.of(source.getBlock()).prunable(ParameterFilter.weights()));
  }

  @Test
  void blockWithNewValues_isNeutral() {
    GraphBlock fresh = GraphBlock.of(block.graph(), source.getNDManager());
    for (NamedParameter p : ParameterPaths.of(fresh)) {
      boolean ones =
          p.parameter().getType() == Parameter.Type.GAMMA
              || p.parameter().getType() == Parameter.Type.RUNNING_VAR;
      assertThat(p.parameter().getArray().toFloatArray()).containsOnly(ones ? 1f : 0f);
    }
  }

  @Test
  void values_ofAnotherNetwork_areRefused() {
    try (Model other = ResNets.small().withClasses(3).newModel("other", 1)) {
      assertThatThrownBy(() -> NetworkValues.of(block.graph(), other.getBlock()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("graph of another network: fc.weight");
    }
  }

  @Test
  void inputs_ofAnotherNumber_areRefused() {
    try (NDManager scope = source.getNDManager().newSubManager()) {
      assertThatThrownBy(
              () ->
                  block.forward(
                      new ParameterStore(scope, false), new NDList(images, images), false))
          .hasMessageContaining("wrong number of inputs");
    }
  }

  /** x (N, 2, 4, 4), conv 2 to 3 of 3 x 3 with padding, relu. */
  private static ModelGraph handMade() {
    ModelGraph.Builder builder = ModelGraph.builder();
    int x = builder.input(new Shape(-1, 2, 4, 4), DataType.FLOAT32);
    int w =
        builder.parameter(
            "c.weight", Parameter.Type.WEIGHT, true, new Shape(3, 2, 3, 3), DataType.FLOAT32);
    int b = builder.parameter("c.bias", Parameter.Type.BIAS, true, new Shape(3), DataType.FLOAT32);
    Shape one = new Shape(1, 1);
    List<Integer> y = builder.node("c", new Layers.Convolution(one, one, one, 1), List.of(x, w, b));
    List<Integer> z = builder.node("relu1", new Elementwise.Unary(Elementwise.Function.RELU), y);
    return builder.build(z);
  }

  @Test
  void table_ofHandMadeGraph_countsByHand() {
    ModelGraph graph = handMade();
    LayerTable table = LayerTable.of(graph);
    // 3 * 2 * 9 weights and 3 biases; 16 pixels
    assertThat(table.parameters()).isEqualTo(57);
    assertThat(table.macs()).isEqualTo(16 * 54);
    MaskSet masks =
        MaskSet.of(Map.of("c.weight", Mask.of(new Shape(3, 2, 3, 3), i -> i == 0 || i == 53)));
    LayerTable sparse = LayerTable.of(graph, masks);
    assertThat(sparse.kept()).isEqualTo(5);
    assertThat(sparse.keptMacs()).isEqualTo(32);
    assertThat(sparse.toString()).contains("total").contains("kept MACs").contains("(3, 4, 4)");
    try (NDManager manager = NDManager.newBaseManager()) {
      GraphBlock zeros = GraphBlock.of(graph, manager);
      assertThat(LayerTable.of(zeros.network()).kept()).isEqualTo(3);
      assertThat(LayerTable.of(zeros.network()).keptMacs()).isZero();
    }
  }

  @Test
  void builder_refusesWhatCannotBe() {
    ModelGraph.Builder builder = ModelGraph.builder();
    int x = builder.input(new Shape(-1, 2, 4, 4), DataType.FLOAT32);
    int w =
        builder.parameter(
            "c.weight", Parameter.Type.WEIGHT, true, new Shape(3, 5, 3, 3), DataType.FLOAT32);
    Shape one = new Shape(1, 1);
    Layers.Convolution conv = new Layers.Convolution(one, one, one, 1);
    assertThatThrownBy(() -> builder.node("c", conv, List.of(x, w)))
        .hasMessageContaining("operator does not fit its inputs: node 'c'");
    assertThatThrownBy(() -> builder.node("d", conv, List.of(x, 9)))
        .hasMessageContaining("input used before it is made");
    assertThatThrownBy(
            () ->
                builder.parameter(
                    "c.weight", Parameter.Type.WEIGHT, true, new Shape(1), DataType.FLOAT32))
        .hasMessageContaining("two parameters of one name");
    // these types end the process inside the engine
    assertThatThrownBy(() -> builder.input(new Shape(1), DataType.BFLOAT16))
        .hasMessageContaining("tensor that no engine has");
    assertThatThrownBy(() -> builder.build(List.of())).hasMessageContaining("graph without result");
  }

  @Test
  void text_ofAGraph_isTheSameEveryTime() throws IOException {
    String text = GraphJson.write(block.graph());
    assertThat(GraphJson.write(GraphJson.read(text, "text"))).isEqualTo(text);
    assertThat(block.graph().fingerprint())
        .isEqualTo(GraphJson.read(text, "text").fingerprint())
        .isNotEqualTo(handMade().fingerprint());
    Files.writeString(folder.resolve("graph.json"), text);
    assertThat(Files.size(folder.resolve("graph.json"))).isLessThan(20_000);
  }
}
