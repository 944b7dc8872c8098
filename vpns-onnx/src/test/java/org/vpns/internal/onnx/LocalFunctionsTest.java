package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.node;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TrainingInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.ParameterPaths;
import org.vpns.io.FormatException;
import org.vpns.onnx.Onnx;
import org.vpns.testing.Engines;

/** Models that bring functions of their own along. */
final class LocalFunctionsTest {
  private static final List<String> X = List.of("x");
  private static final List<String> Y = List.of("y");

  @TempDir Path folder;

  private Path resource(String name) throws IOException {
    Path file = folder.resolve(name);
    try (var in = LocalFunctionsTest.class.getResourceAsStream("/onnx-functions/" + name)) {
      Files.copy(Objects.requireNonNull(in), file);
    }
    return file;
  }

  private static FunctionProto.Builder function(String name, String input, String... outputs) {
    return FunctionProto.newBuilder()
        .setDomain("own")
        .setName(name)
        .addInput(input)
        .addAllOutput(List.of(outputs))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17));
  }

  private static ModelProto.Builder calling(String name, AttributeProto... attributes) {
    return Models.model(
        17, Models.graph(-1, 2).addNode(node(name, X, Y, attributes).toBuilder().setDomain("own")));
  }

  private static float[] run(ModelProto.Builder model, float... x) throws IOException {
    OnnxFile file = OnnxReader.parse(model.build().toByteArray(), "own.onnx");
    try (NDManager manager = NDManager.newBaseManager()) {
      return Engines.evaluate(Models.block(file, manager), x, new Shape(1, x.length));
    }
  }

  @Test
  void modulesOfPyTorchAsFunctions_areTheNetworkWithoutThem() throws IOException {
    try (Model model = Onnx.read(resource("functions.onnx"));
        Model plain = Onnx.read(resource("plain.onnx"))) {
      assertThat(ParameterPaths.of(model.getBlock()).list())
          .extracting(p -> p.path())
          .containsExactly("0.fc.weight", "0.fc.bias", "1.fc.weight", "1.fc.bias");
      float[] x = Models.ramp(9);
      assertThat(Engines.evaluate(model.getBlock(), x, new Shape(3, 3)))
          .containsExactly(Engines.evaluate(plain.getBlock(), x, new Shape(3, 3)));
    }
  }

  /** 2 LeakyRelu(LeakyRelu(x)), the slope given in one of the calls. */
  @Test
  void functionsInFunctions_takeAttributesOfTheirCalls() throws IOException {
    AttributeProto slope =
        AttributeProto.newBuilder()
            .setName("alpha")
            .setRefAttrName("slope")
            .setType(AttributeProto.AttributeType.FLOAT)
            .build();
    ModelProto.Builder model =
        calling("Outer", Models.real("steep", 0.5f))
            .addFunctions(
                function("Inner", "a", "b")
                    .addAttributeProto(Models.real("slope", 0.25f))
                    .addNode(node("LeakyRelu", List.of("a"), List.of("b"), slope)))
            .addFunctions(
                function("Outer", "a", "d")
                    .addAttribute("steep")
                    .addNode(
                        node(
                                "Inner",
                                List.of("a"),
                                List.of("b"),
                                slope.toBuilder().setName("slope").setRefAttrName("steep").build())
                            .toBuilder()
                            .setDomain("own"))
                    .addNode(node("Inner", List.of("b"), List.of("c")).toBuilder().setDomain("own"))
                    .addNode(node("Add", List.of("c", "c"), List.of("d"))));
    assertThat(run(model, 1, -8)).containsExactly(2, -2);
  }

  @Test
  void function_thatHandsItsInputThrough_isTheIdentity() throws IOException {
    ModelProto.Builder model = calling("Same").addFunctions(function("Same", "a", "a"));
    assertThat(run(model, 1, -8)).containsExactly(1, -8);
  }

  @Test
  void functions_thatCallThemselvesOrMakeTooMuch_areRefused() {
    FunctionProto.Builder loop =
        function("Loop", "a", "b")
            .addNode(node("Loop", List.of("a"), List.of("b")).toBuilder().setDomain("own"));
    assertThatThrownBy(() -> run(calling("Loop").addFunctions(loop), 1, 2))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("functions too deep in each other: own.onnx, function 'Loop'");
    // each of thirty calls the next one twice
    ModelProto.Builder many = calling("F0");
    for (int i = 0; i < 30; i++) {
      FunctionProto.Builder twice = function("F" + i, "a", "c");
      String next = i == 29 ? "Relu" : "F" + (i + 1);
      String domain = i == 29 ? "" : "own";
      twice.addNode(node(next, List.of("a"), List.of("b")).toBuilder().setDomain(domain));
      twice.addNode(node(next, List.of("b"), List.of("c")).toBuilder().setDomain(domain));
      many.addFunctions(twice);
    }
    assertThatThrownBy(() -> run(many, 1, 2))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("too many nodes: own.onnx, functions");
    FunctionProto.Builder older =
        function("Old", "a", "b").setOpsetImport(0, OperatorSetIdProto.newBuilder().setVersion(9));
    assertThatThrownBy(() -> run(calling("Old").addFunctions(older), 1, 2))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("function of another operator set: own.onnx, function 'Old'");
  }

  @Test
  void graphsOfTraining_areRefused_andReadOnceTheyAreTakenOut() throws IOException {
    ModelProto.Builder model =
        Models.model(17, Models.graph(-1, 2).addNode(node("Relu", X, Y)))
            .addTrainingInfo(TrainingInfoProto.newBuilder());
    assertThatThrownBy(() -> run(model, 1, -8))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("found 1 training graphs; take them out: del model.training_info");
    assertThat(run(model.clearTrainingInfo(), 1, -8)).containsExactly(1, 0);
  }
}
