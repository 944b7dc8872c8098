package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.translate.TranslateException;
import ai.onnx.proto.OnnxMl.ModelProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.vpns.ImageInput;
import org.vpns.LabelAssignment;
import org.vpns.LabelAssignment.Reduction;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.ModelGraph;
import org.vpns.internal.graph.op.Layers.Linear;
import org.vpns.internal.graph.op.Shaping.Reshape;
import org.vpns.io.FormatException;
import org.vpns.onnx.SmallGraphs.Draw;
import org.vpns.predict.PrunedModel;
import org.vpns.testing.TinyResNet;

/** One file with normalisation, prompt and label mapping, against the predictor it stands for. */
final class PrunedExportTest {
  private static final ImageInput SMALL_IMAGE =
      ImageInput.of(3, 32, 32).imageSize(24, 23).imageNetNormalisation();
  private static final int[][] FIVE = {{0}, {3}, {1}, {19}, {7}};
  private static final int[][] THREES = {{0, 5, 2}, {3, 4, 19}, {1, 6, 7}, {8, 18, 9}};

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("network.onnx");
  }

  private static LabelAssignment identity() {
    return LabelAssignment.of(
        20, IntStream.range(0, 20).mapToObj(i -> new int[] {i}).toArray(int[][]::new));
  }

  /** Probabilities of every class, and which comes first, are those of the predictor. */
  private void assertSamePredictions(PrunedModel pruned, OnnxExport export) {
    try {
      export.write(file());
      try (Model service = Model.newInstance("service", Device.cpu(), "OnnxRuntime")) {
        service.load(file());
        try (Predictor<Image, Classifications> expected = pruned.newPredictor();
            Predictor<Image, Classifications> found =
                service.newPredictor(OnnxTranslator.of(file()))) {
          for (int[] size : new int[][] {{24, 23}, {32, 32}, {60, 41}, {9, 100}}) {
            Image image = PrunedNetworks.image(size[0], size[1], size[1]);
            Map<String, Double> there = probabilities(expected.predict(image));
            Map<String, Double> here = probabilities(found.predict(image));
            assertThat(here).containsOnlyKeys(there.keySet());
            // probabilities of a network in float32, whose logits differ by some 1e-6
            there.forEach(
                (name, p) -> assertThat(here.get(name)).as(name).isCloseTo(p, Offset.offset(1e-5)));
            assertThat(found.predict(image).getClassNames())
                .isEqualTo(expected.predict(image).getClassNames());
          }
          List<Image> batch =
              List.of(PrunedNetworks.image(30, 30, 1), PrunedNetworks.image(10, 50, 2));
          assertThat(found.batchPredict(batch)).hasSize(2);
        }
      }
    } catch (IOException | MalformedModelException | TranslateException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, Double> probabilities(Classifications of) {
    return of.items().stream()
        .collect(
            Collectors.toMap(
                Classifications.Classification::getClassName,
                Classifications.Classification::getProbability));
  }

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void file_withAndWithoutPrompt_givesThePredictorsProbabilities(boolean prompted, boolean small) {
    ImageInput input = small ? SMALL_IMAGE : ImageInput.of(3, 32, 32);
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned =
            PrunedNetworks.of(model, input, prompted, LabelAssignment.of(20, FIVE))) {
      assertSamePredictions(pruned, Onnx.export(pruned));
      assertSamePredictions(pruned, Onnx.export(pruned).probabilities());
    }
  }

  @ParameterizedTest
  @EnumSource(Reduction.class)
  void file_withSeveralSourcesForAClass_givesThePredictorsProbabilities(Reduction reduction) {
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned =
            PrunedNetworks.of(
                model, SMALL_IMAGE, true, LabelAssignment.of(20, THREES, reduction))) {
      assertSamePredictions(pruned, Onnx.export(pruned));
    }
  }

  @Test
  void file_withAllOptions_givesThePredictorsProbabilities() throws IOException {
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned = PrunedNetworks.of(model, SMALL_IMAGE, true, identity())) {
      assertSamePredictions(
          pruned, Onnx.export(pruned).probabilities().foldBatchNorm().externalData());
      ModelProto proto = ModelProto.parseFrom(Files.readAllBytes(file()));
      assertThat(proto.getGraph().getNodeList())
          .noneMatch(node -> node.getOpType().equals("BatchNormalization"));
    }
  }

  @Test
  void file_ofAGreyNetworkWithMapsAsResult_givesThePredictorsProbabilities() {
    ModelGraph.Builder builder = ModelGraph.builder();
    int x = builder.input(new Shape(-1, 1, 8, 8), DataType.FLOAT32);
    int w =
        builder.parameter(
            "vpns.fc.weight", Parameter.Type.WEIGHT, true, new Shape(6, 64), DataType.FLOAT32);
    int y = builder.node("flat", Reshape.to(0, -1), List.of(x)).get(0);
    // a node called as those that are added
    y = builder.node("vpns.place", new Linear(), List.of(y, w)).get(0);
    y = builder.node("maps", Reshape.to(0, 6, 1, 1), List.of(y)).get(0);
    ModelGraph graph = builder.build(List.of(y));
    try (Model model = Model.newInstance("grey")) {
      model.setBlock(SmallGraphs.block(graph, model.getNDManager(), 3));
      ImageInput input =
          ImageInput.of(1, 8, 8)
              .imageSize(5, 6)
              .normalisation(new float[] {0.3f}, new float[] {0.25f});
      int[][] two = {{5}, {2}};
      try (PrunedModel pruned = PrunedNetworks.of(model, input, true, LabelAssignment.of(6, two))) {
        assertSamePredictions(pruned, Onnx.export(pruned));
      }
    }
  }

  @Test
  void file_readBackAndWrittenAgain_givesTheSame() throws IOException {
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned =
            PrunedNetworks.of(
                model, SMALL_IMAGE, true, LabelAssignment.of(20, THREES, Reduction.LOGSUMEXP))) {
      Onnx.export(pruned).probabilities().write(file());
    }
    try (Model read = Onnx.read(file())) {
      GraphBlock block = (GraphBlock) read.getBlock();
      List<OrtFile.Values> images = SmallGraphs.inputs(block.graph(), 3, Draw.POSITIVE, 1);
      List<OrtFile.Values> first;
      try (OrtFile ort = OrtFile.open(file())) {
        first = ort.run(images);
      }
      SmallGraphs.assertClose(SmallGraphs.forward(block, images), first, 5e-6, "engine");
      SmallGraphs.assertFileGivesTheSame(
          block, Draw.POSITIVE, Onnx.export(block), folder.resolve("again.onnx"));
    }
  }

  @Test
  void file_saysWhatItTakesAndGives() throws IOException {
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned =
            PrunedNetworks.of(model, SMALL_IMAGE, true, LabelAssignment.of(20, FIVE))) {
      Onnx.write(pruned, file());
      ModelProto proto = ModelProto.parseFrom(Files.readAllBytes(file()));
      Map<String, String> properties =
          proto.getMetadataPropsList().stream()
              .collect(Collectors.toMap(e -> e.getKey(), e -> e.getValue()));
      assertThat(properties)
          .containsEntry("vpns.channels", "3")
          .containsEntry("vpns.height", "24")
          .containsEntry("vpns.width", "23")
          .containsEntry("vpns.result", "logits")
          .containsKey("vpns.graph")
          .hasSize(6);
      assertThat(properties.get("vpns.classes"))
          .startsWith("[\"class \\\"0\\\" <é>\",")
          .endsWith("]");
      assertThat(proto.getGraph().getInput(0).getName()).isEqualTo("images");
      assertThat(proto.getGraph().getOutput(0).getName()).isEqualTo("logits");
      assertThat(OnnxTranslator.of(file()).classNames()).isEqualTo(pruned.classNames());
      Onnx.export(pruned).probabilities().write(file());
      proto = ModelProto.parseFrom(Files.readAllBytes(file()));
      assertThat(proto.getGraph().getOutput(0).getName()).isEqualTo("probabilities");
    }
  }

  @Test
  void mapping_ofAnotherNetwork_isRefused() {
    int[][] two = {{5}, {2}};
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned =
            PrunedNetworks.of(model, SMALL_IMAGE, false, LabelAssignment.of(6, two))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Onnx.write(pruned, file()))
          .withMessageStartingWith(
              "network does not fit its label mapping: Onnx.export; expected 6 outputs, found");
      assertThat(file()).doesNotExist();
    }
  }

  @Test
  void translator_ofAFileWithoutProperties_isRefused() throws IOException {
    try (Model model = TinyResNet.newModel()) {
      Onnx.export(model.getBlock(), new Shape(3, 32, 32)).write(file());
    }
    assertThatThrownBy(() -> OnnxTranslator.of(file()))
        .isInstanceOf(FormatException.class)
        .hasMessage(
            "ONNX file without description of its images: "
                + file()
                + "; expected the property vpns.result of logits or probabilities, found none;"
                + " write it with Onnx.write(pruned, file).");
  }

  @Test
  void translator_ofADamagedFile_isRefused() throws IOException {
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned =
            PrunedNetworks.of(model, SMALL_IMAGE, true, LabelAssignment.of(20, FIVE))) {
      Onnx.write(pruned, file());
    }
    byte[] whole = Files.readAllBytes(file());
    for (int length : new int[] {0, 1, 100, whole.length / 2, whole.length - 1}) {
      Files.write(file(), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> OnnxTranslator.of(file())).isInstanceOf(IOException.class);
    }
    assertThatThrownBy(() -> OnnxTranslator.of(folder.resolve("none.onnx")))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("no such file: " + folder.resolve("none.onnx") + "; expected an");
  }

  @ParameterizedTest
  @CsvSource({
    "vpns.result, labels",
    "vpns.channels, 2",
    "vpns.height, 0",
    "vpns.width, 7x",
    "vpns.width, 99999999999",
    "vpns.classes, []",
    "vpns.classes, '[null]'",
    "vpns.classes, '{'",
    "vpns.classes, null"
  })
  void translator_ofAFileWithABadProperty_namesIt(String key, String value) throws IOException {
    writeWith(key, value);
    assertThatThrownBy(() -> OnnxTranslator.of(file()))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("expected the property " + key)
        .hasMessageContaining("found " + value);
  }

  /** They are printed with every prediction. */
  @Test
  void translator_ofNamesThatActOnATerminal_isRefused() throws IOException {
    writeWith("vpns.classes", "[\"a\", \"\\u001b[31m\"]");
    assertThatThrownBy(() -> OnnxTranslator.of(file()))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("expected the property vpns.classes with distinct names")
        .hasMessageContaining("found '\\u001b[31m' for class 1; ");
  }

  private void writeWith(String key, String value) throws IOException {
    ModelProto.Builder proto = ModelProto.newBuilder();
    Map<String, String> good =
        new java.util.TreeMap<>(new OnnxProperties(3, 8, 8, List.of("a"), false).asMap());
    good.put(key, value);
    good.forEach((k, v) -> proto.addMetadataPropsBuilder().setKey(k).setValue(v));
    Files.write(file(), proto.build().toByteArray());
  }

  @Test
  void export_ofRemovedWeightThatCameBack_isRefused() {
    try (Model model = TinyResNet.newModel();
        PrunedModel whole = PrunedNetworks.of(model, SMALL_IMAGE, false, identity());
        PrunedModel pruned =
            PrunedNetworks.of(model, whole.masks().not(), SMALL_IMAGE, false, identity())) {
      assertThatIllegalStateException()
          .isThrownBy(() -> Onnx.write(pruned, file()))
          .withMessageStartingWith("weights and masks disagree: conv1.weight[0]; expected 0.0,");
      assertThat(file()).doesNotExist();
    }
  }
}
