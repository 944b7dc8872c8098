package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.numbers;
import static org.vpns.internal.onnx.Models.ramp;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.GraphProto;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.vpns.NamedParameter;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.io.SafeTensors;
import org.vpns.testing.Engines;
import org.vpns.testing.SharedData;

final class OnnxBlockTest {
  private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] STD = {0.229f, 0.224f, 0.225f};

  private static float[] cifar(byte[] pixels, int from, int images) {
    float[] input = new float[images * 3072];
    for (int i = 0; i < input.length; i++) {
      int channel = i / 1024 % 3;
      input[i] = ((pixels[from + i] & 0xff) / 255f - MEAN[channel]) / STD[channel];
    }
    return input;
  }

  @Test
  void resnet20_onReferenceImages_givesReferenceLogits() throws IOException {
    SafeTensors reference =
        SafeTensors.read(SharedData.require("data/cifar10/reference.safetensors"));
    try (Model model = Model.newInstance("resnet20")) {
      model.setBlock(
          new OnnxBlock(
              OnnxReader.read(SharedData.require("data/cifar10/resnet20.onnx")),
              model.getNDManager()));
      float[] input = cifar(reference.bytes("images"), 0, 8);
      float[] logits = Engines.evaluate(model.getBlock(), input, new Shape(8, 3, 32, 32));
      float[] expected = reference.floats("logits_resnet20");
      for (int i = 0; i < 80; i++) {
        // folding batch norm into the weights and another runtime: 7e-6 on these images
        assertThat((double) logits[i]).isEqualTo(expected[i], Offset.offset(3e-5));
      }
    }
  }

  @Test
  void resnet20_onTestImages_has698Of761Right() throws IOException {
    byte[] records = Files.readAllBytes(SharedData.require("data/cifar10/test_761.bin"));
    int images = records.length / 3073;
    int correct = 0;
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block =
          new OnnxBlock(OnnxReader.read(SharedData.require("data/cifar10/resnet20.onnx")), manager);
      for (int begin = 0; begin < images; begin += 128) {
        int count = Math.min(128, images - begin);
        float[] input = new float[count * 3072];
        for (int i = 0; i < count; i++) {
          System.arraycopy(cifar(records, (begin + i) * 3073 + 1, 1), 0, input, i * 3072, 3072);
        }
        float[] logits = Engines.evaluate(block, input, new Shape(count, 3, 32, 32));
        for (int i = 0; i < count; i++) {
          int best = 0;
          for (int k = 1; k < 10; k++) {
            best = logits[i * 10 + k] > logits[i * 10 + best] ? k : best;
          }
          correct += best == records[(begin + i) * 3073] ? 1 : 0;
        }
      }
    }
    assertThat(images).isEqualTo(761);
    assertThat(correct).isEqualTo(698);
  }

  @Test
  void mobilenet_onReferenceImages_givesReferenceLogits() throws IOException {
    SafeTensors reference =
        SafeTensors.read(SharedData.require("data/imagenet/reference.safetensors"));
    OnnxFile file = OnnxReader.read(SharedData.require("data/imagenet/mobilenet_v1_075_224.onnx"));
    byte[] pixels = reference.bytes("images");
    float[] input = new float[pixels.length];
    for (int i = 0; i < input.length; i++) {
      input[i] = (pixels[i] & 0xff) / 127.5f - 1;
    }
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block = new OnnxBlock(file, manager);
      float[] logits = Engines.evaluate(block, input, new Shape(8, 3, 224, 224));
      float[] expected = reference.floats("logits");
      for (int i = 0; i < expected.length; i++) {
        // 28 layers with folded batch norm: another runtime differs by 3e-5
        assertThat((double) logits[i]).isEqualTo(expected[i], Offset.offset(3e-4));
      }
      assertThat(file.notes()).singleElement().asString().startsWith("28 convolutions and no");
      assertThat(block.constants()).isEmpty();
      assertThat(ParameterPaths.of(block).prunable(ParameterFilter.weights()).size())
          .isEqualTo(2_568_144);
    }
  }

  @Test
  void resnet20_parameters_areNamedByTheModulesOfTheExporter() throws IOException {
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block =
          new OnnxBlock(OnnxReader.read(SharedData.require("data/cifar10/resnet20.onnx")), manager);
      List<String> paths =
          ParameterPaths.of(block).list().stream().map(NamedParameter::path).toList();
      assertThat(paths)
          .hasSize(40)
          .startsWith("conv1.weight", "conv1.bias", "layer1.0.conv1.weight")
          .endsWith("layer3.2.conv2.bias", "linear.weight", "linear.bias");
    }
  }

  /** Convolution, batch norm, relu, pooling, linear; with weights 0.1, -0.2, 0.3, ... */
  private static GraphProto.Builder small() {
    return small("Relu");
  }

  private static GraphProto.Builder small(String activation) {
    return Models.graph(-1, 2, 6, 6)
        .addNode(
            node("Conv", List.of("x", "conv.weight"), List.of("c"), numbers("pads", 1, 1, 1, 1)))
        .addNode(
            node(
                "BatchNormalization",
                List.of("c", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"),
                List.of("b")))
        .addNode(node(activation, List.of("b"), List.of("r")))
        .addNode(node("GlobalAveragePool", List.of("r"), List.of("p")))
        .addNode(node("Flatten", List.of("p"), List.of("f")))
        .addNode(
            node("Gemm", List.of("f", "fc.weight", "fc.bias"), List.of("y"), number("transB", 1)))
        .addInitializer(ramp("conv.weight", new Shape(4, 2, 3, 3)))
        .addInitializer(ramp("bn.weight", new Shape(4)))
        .addInitializer(ramp("bn.bias", new Shape(4)))
        .addInitializer(Models.floats("bn.running_mean", new Shape(4), 0.1f, 0, 0, 0))
        .addInitializer(Models.floats("bn.running_var", new Shape(4), 1, 2, 1, 1))
        .addInitializer(ramp("fc.weight", new Shape(3, 4)))
        .addInitializer(ramp("fc.bias", new Shape(3)));
  }

  @Test
  void parameters_haveTheTypesOfTheirRoles() {
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block = Models.block(Models.file(17, small()), manager);
      assertThat(block.getDirectParameters().values().stream().map(Parameter::getType))
          .containsExactly(
              Parameter.Type.WEIGHT,
              Parameter.Type.GAMMA,
              Parameter.Type.BETA,
              Parameter.Type.RUNNING_MEAN,
              Parameter.Type.RUNNING_VAR,
              Parameter.Type.WEIGHT,
              Parameter.Type.BIAS);
      for (Parameter parameter : block.getDirectParameters().values()) {
        boolean statistic = parameter.getName().contains("running");
        assertThat(parameter.requiresGradient()).isEqualTo(!statistic);
        assertThat(parameter.getArray().hasGradient()).isEqualTo(!statistic);
      }
    }
  }

  @Test
  void trainingPass_usesBatchStatisticsAndMovesTheRunningOnes() {
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block = Models.block(Models.file(17, small()), manager);
      NDArray mean = parameter(block, "bn.running_mean").getArray();
      float[] before = mean.toFloatArray();
      Shape shape = new Shape(5, 2, 6, 6);
      float[] evaluated = Engines.forward(block, Models.ramp((int) shape.size()), shape, false);
      assertThat(mean.toFloatArray()).containsExactly(before);
      float[] trained = Engines.forward(block, Models.ramp((int) shape.size()), shape, true);
      assertThat(trained).isNotEqualTo(evaluated);
      assertThat(mean.toFloatArray()).isNotEqualTo(before);
    }
  }

  @Test
  void gradients_areDifferenceQuotients() {
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block = Models.block(Models.file(17, small("Tanh")), manager);
      Shape shape = new Shape(3, 2, 6, 6);
      float[] input = Models.ramp((int) shape.size());
      try (GradientCollector collector = Engine.getInstance().newGradientCollector();
          NDManager pass = manager.newSubManager()) {
        NDArray x = pass.create(input, shape);
        NDList out = block.forward(new ParameterStore(pass, false), new NDList(x), false);
        collector.backward(out.singletonOrThrow().square().sum());
      }
      for (String name : List.of("conv.weight", "bn.weight", "bn.bias", "fc.weight", "fc.bias")) {
        NDArray array = parameter(block, name).getArray();
        double gradient;
        try (NDArray all = array.getGradient()) {
          gradient = all.getFloat(firstIndex(array));
        }
        float step = 1e-2f;
        double quotient =
            (loss(block, array, input, shape, step) - loss(block, array, input, shape, -step))
                / (2 * step);
        // the loss is about 10 with single precision's 1e-6 of it as error, over a step of 1e-2;
        // central differences of step h are off by about h squared
        assertThat(gradient).as(name).isEqualTo(quotient, Offset.offset(3e-3));
      }
    }
  }

  private static long[] firstIndex(NDArray array) {
    return new long[array.getShape().dimension()];
  }

  private static double loss(
      OnnxBlock block, NDArray array, float[] input, Shape shape, float step) {
    float[] values = array.toFloatArray();
    float[] moved = values.clone();
    moved[0] += step;
    array.set(moved);
    float[] out = Engines.evaluate(block, input, shape);
    array.set(values);
    double sum = 0;
    for (float y : out) {
      sum += (double) y * y;
    }
    return sum;
  }

  private static Parameter parameter(OnnxBlock block, String name) {
    return Objects.requireNonNull(ParameterPaths.of(block).find(name)).parameter();
  }

  @Test
  void forward_leavesNothingButItsOutput() throws IOException {
    GraphProto.Builder graph =
        Models.graph(-1, 4)
            .addNode(node("Expand", List.of("token", "shape"), List.of("e")))
            .addNode(node("Mul", List.of("scale", "e"), List.of("m")))
            .addNode(node("Identity", List.of("x"), List.of("i")))
            .addNode(node("Identity", List.of("m"), List.of("j")))
            .addNode(node("Add", List.of("i", "j"), List.of("a")))
            .addNode(node("Softplus", List.of("a"), List.of("h")))
            .addNode(node("Sub", List.of("constant_1", "h"), List.of("y")))
            .addInitializer(ramp("token", new Shape(1, 4)))
            .addInitializer(ramp("scale", new Shape(1, 4)))
            .addInitializer(ramp("constant_1", new Shape(1, 4)))
            .addInitializer(Models.longs("shape", 1, 4));
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block =
          new OnnxBlock(Models.file(17, graph), manager, OnnxOptions.keeping("constant_1"::equals));
      assertThat(block.constants()).containsExactly("constant_1");
      int owned = manager.getManagedArrays().size();
      for (boolean training : new boolean[] {false, true}) {
        try (NDManager pass = manager.newSubManager()) {
          NDArray x = pass.create(Models.ramp(8), new Shape(2, 4));
          block.forward(new ParameterStore(pass, false), new NDList(x), training);
          // the input, the output, and the constant that receives the subtraction
          assertThat(pass.getManagedArrays()).hasSize(3);
        }
        assertThat(manager.getManagedArrays()).hasSize(owned);
      }
    }
  }

  @Test
  void node_withNothingToDo_leavesItsInputOpen() {
    GraphProto.Builder graph =
        Models.graph(-1, 4)
            .addNode(node("Pad", List.of("x", "pads"), List.of("unread")))
            .addNode(node("Relu", List.of("x"), List.of("y")))
            .addInitializer(Models.longs("pads", 0, 0, 0, 0));
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block = Models.block(Models.file(17, graph), manager);
      NDArray x = manager.create(new float[] {1, -2, 3, -4}, new Shape(1, 4));
      NDList out = block.forward(new ParameterStore(manager, false), new NDList(x), false);
      assertThat(out.head().toFloatArray()).containsExactly(1, 0, 3, 0);
      assertThat(x.toFloatArray()).containsExactly(1, -2, 3, -4);
    }
  }

  @Test
  void forward_withOtherInputs_isRefused() {
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block = Models.block(Models.file(17, small()), manager);
      ParameterStore store = new ParameterStore(manager, false);
      for (NDList inputs :
          List.of(
              new NDList(),
              new NDList(manager.zeros(new Shape(1, 2, 6))),
              new NDList(manager.zeros(new Shape(1, 2, 6, 7))),
              new NDList(manager.zeros(new Shape(1, 2, 6, 6), DataType.FLOAT64)),
              new NDList(manager.zeros(new Shape(1, 2, 6, 6)), manager.zeros(new Shape(1))))) {
        assertThatThrownBy(() -> block.forward(store, inputs, false))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith("inputs do not fit the network: test.onnx; expected");
      }
    }
  }

  @Test
  void forward_beyondTheLimitOfElements_isRefused() throws IOException {
    GraphProto.Builder graph =
        Models.graph(-1, 4)
            .addNode(node("Expand", List.of("x", "shape"), List.of("e")))
            .addNode(node("Relu", List.of("e"), List.of("y")))
            .addInitializer(Models.longs("shape", 40_000, 1, 40_000, 1));
    assertThatThrownBy(() -> Models.run(Models.file(17, graph), new Shape(1, 4), 1, 2, 3, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("values too large: test.onnx, node 0, Expand; expected at most")
        .hasMessageEndingWith("; use smaller batches or images.");
    GraphProto.Builder fits = Models.graph(-1, 4).addNode(node("Relu", List.of("x"), List.of("y")));
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block = Models.block(Models.file(17, fits), manager, 7);
      assertThat(Engines.evaluate(block, new float[4], new Shape(1, 4))).hasSize(4);
      assertThatThrownBy(() -> Engines.evaluate(block, new float[8], new Shape(2, 4)))
          .hasMessageStartingWith("values too large");
    }
  }

  @Test
  void outputShapes_areThoseOfAPassOnZeros() {
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block = Models.block(Models.file(17, small()), manager);
      assertThat(block.getOutputShapes(new Shape[] {new Shape(7, 2, 6, 6)}))
          .containsExactly(new Shape(7, 3));
      assertThat(block.isInitialized()).isTrue();
      assertThat(block.describeInput().values()).containsExactly(new Shape(-1, 2, 6, 6));
      assertThat(block)
          .hasToString(
              "OnnxBlock(test.onnx: 6 nodes, 7 tensors, operator set 17, 7 parameters of 103 elements,"
                  + " inputs [(-1, 2, 6, 6)])");
    }
  }
}
