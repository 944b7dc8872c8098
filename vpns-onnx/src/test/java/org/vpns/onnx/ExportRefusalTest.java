package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.recurrent.LSTM;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Elementwise.Function;
import org.vpns.internal.graph.op.Elementwise.Unary;
import org.vpns.internal.graph.op.Indexing.Take;
import org.vpns.internal.graph.op.Pooling;
import org.vpns.internal.graph.op.Reductions;
import org.vpns.internal.graph.op.Reductions.Reduce;

/** What cannot be exported is named, all of it, and files stay as they were. */
final class ExportRefusalTest {
  private static final byte[] BEFORE = {1, 2, 3};

  @TempDir Path folder;
  private final NDManager manager = NDManager.newBaseManager();
  private final ModelGraph.Builder builder = ModelGraph.builder();
  private Path file;

  @BeforeEach
  void filesOfBefore() throws IOException {
    file = Files.write(folder.resolve("network.onnx"), BEFORE);
    Files.write(folder.resolve("network.onnx.data"), BEFORE);
  }

  @AfterEach
  void filesAreAsBefore() throws IOException {
    manager.close();
    assertThat(file).hasBinaryContent(BEFORE);
    assertThat(folder.resolve("network.onnx.data")).hasBinaryContent(BEFORE);
    try (var listed = Files.list(folder)) {
      assertThat(listed).hasSize(2);
    }
  }

  private int node(String name, Operator operator, Integer... inputs) {
    return builder.node(name, operator, List.of(inputs)).get(0);
  }

  private void assertRefused(String message, Integer... outputs) {
    GraphBlock block = GraphBlock.of(builder.build(List.of(outputs)), manager);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Onnx.export(block).externalData().write(file))
        .withMessage(message);
  }

  @Test
  void operators_withoutCounterpart_areAllNamed() {
    int x = builder.input(new Shape(-1, 4), DataType.INT64);
    int mask = builder.input(new Shape(4), DataType.BOOLEAN);
    int roots = node("roots", new Unary(Function.SQRT), x);
    int taken = node("taken", new Take(1), x, mask);
    int all = node("all", new Reduce(Reductions.Kind.MAX, List.of(), false), x);
    int negative = node("negative", new Unary(Function.NEG), x);
    assertRefused(
        "operators that an ONNX file cannot express: roots (sqrt: of values of type int64), taken"
            + " (take: a selection by truth values, whose size depends on the data), all (max:"
            + " along no axis); expected operators of opset 17, found 3 others among 4; replace"
            + " these layers; nothing was written.",
        roots,
        taken,
        all,
        negative);
  }

  @Test
  void averages_ofIncompleteWindowsOfUnknownMaps_areRefused() {
    int x = builder.input(new Shape(-1, 2, -1, 8), DataType.FLOAT32);
    Shape two = new Shape(2, 2);
    int y =
        node(
            "pool",
            new Pooling.Pool(
                Pooling.Kind.AVERAGE, new Shape(3, 3), two, new Shape(1, 1), true, true),
            x);
    assertRefused(
        "operators that an ONNX file cannot express: pool (avgPool: averages over padded,"
            + " incomplete windows of maps of unknown size); expected operators of opset 17, found"
            + " 1 others among 1; replace these layers; nothing was written.",
        y);
  }

  @Test
  void recurrentLayers_ofAnyBlock_areRefused() {
    LSTM block = LSTM.builder().setStateSize(5).setNumLayers(1).build();
    block.initialize(manager, DataType.FLOAT32, new Shape(1, 6, 3));
    assertThatThrownBy(() -> Onnx.export(block, new Shape(6, 3)).write(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("(lstm: recurrent layers have no export)");
  }

  @Test
  void probabilities_ofMaps_areRefused() {
    int x = builder.input(new Shape(-1, 2, 3), DataType.FLOAT32);
    GraphBlock block =
        GraphBlock.of(builder.build(List.of(node("relu", new Unary(Function.RELU), x))), manager);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Onnx.export(block).probabilities().write(file))
        .withMessage(
            "result that has no probabilities: OnnxExport.probabilities; expected one result"
                + " (batch, classes), found [(-1, 2, 3)]; leave probabilities() out.");
  }

  @Test
  void folder_thatIsMissing_isRefused() {
    int x = builder.input(new Shape(-1, 3), DataType.FLOAT32);
    GraphBlock block =
        GraphBlock.of(builder.build(List.of(node("relu", new Unary(Function.RELU), x))), manager);
    assertThatThrownBy(() -> Onnx.write(block, folder.resolve("none").resolve("a.onnx")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("no folder to write into");
  }
}
