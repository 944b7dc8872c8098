package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.ImageInput;
import org.vpns.LabelAssignment;
import org.vpns.graph.GraphFile;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.model.NetworkPlan;
import org.vpns.model.ResNet;
import org.vpns.predict.PrunedModel;
import org.vpns.testing.OpenResources;
import org.vpns.testing.OpenResources.Door;
import org.vpns.weights.WeightFile;

/** Memory that runs out at any place of whatever gives a model: no model and no manager stays. */
final class FailedModelTest {
  private static final Shape IMAGE = new Shape(3, 8, 8);

  @TempDir static Path folder;

  private static Model model;

  /** Six parameters and two statistics. */
  @BeforeAll
  static void write() throws IOException {
    model = Model.newInstance("small");
    SequentialBlock block =
        new SequentialBlock()
            .add(Conv2d.builder().setFilters(2).setKernelShape(new Shape(3, 3)).build())
            .add(BatchNorm.builder().build())
            .add(Activation::relu)
            .add(Pool.globalAvgPool2dBlock())
            .add(Blocks.batchFlattenBlock())
            .add(Linear.builder().setUnits(3).build());
    block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1).addAll(IMAGE));
    model.setBlock(block);
    GraphFile.save(
        BlockTracer.graphBlock(block, model.getNDManager(), IMAGE), folder.resolve("small.graph"));
    Onnx.export(block, IMAGE).write(folder.resolve("small.onnx"));
    PrunedNetworks.of(
            model,
            ImageInput.of(3, 8, 8),
            false,
            LabelAssignment.of(3, new int[][] {{0}, {1}, {2}}))
        .save(folder.resolve("result"));
    try (Model planned = plan().newModel("planned", 1)) {
      WeightFile.save(planned, folder.resolve("planned.safetensors"));
    }
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static NetworkPlan plan() {
    return ResNet.builder("tiny").input(1, 8, 8).stem(2, 3, 1).stage(2, 1, 1).classes(2).build();
  }

  static Stream<Arguments> doors() {
    return Stream.of(
        door("NetworkPlan.newModel", 9, fault -> plan().newModel("new", 1).close()),
        door(
            "NetworkPlan.load",
            9,
            fault -> plan().load(folder.resolve("planned.safetensors")).close()),
        door("GraphFile.open", 8, fault -> GraphFile.open(folder.resolve("small.graph")).close()),
        door("PrunedModel.load", 8, fault -> PrunedModel.load(folder.resolve("result")).close()),
        door("Onnx.read", 1, fault -> Onnx.read(folder.resolve("small.onnx")).close()));
  }

  private static Arguments door(String name, int least, Door door) {
    return Arguments.of(name, least, door);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("doors")
  void model_thatFailsAtAnyAllocation_isClosed(String name, int least, Door door) throws Exception {
    assertThat(OpenResources.requireNoModelLeft(!name.startsWith("Onnx"), door))
        .isGreaterThanOrEqualTo(least);
  }
}
