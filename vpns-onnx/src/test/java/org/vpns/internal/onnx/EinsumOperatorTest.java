package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.check;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.single;
import static org.vpns.internal.onnx.Models.text;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.onnx.Onnx;

/** Sums of products over named axes. */
final class EinsumOperatorTest {
  private static final Map<Character, Integer> SIZES =
      Map.of('a', 2, 'b', 3, 'c', 1, 'i', 4, 'j', 2, 'k', 3);

  @TempDir Path folder;

  private static NodeProto einsum(String equation, String... inputs) {
    return node("Einsum", List.of(inputs), List.of("y"), text("equation", equation));
  }

  @Test
  void einsum_workedByHand() {
    Shape two = new Shape(2, 2);
    // 1 2   5 6
    // 3 4 * 7 8
    TensorProto w = floats("w", two, 5, 6, 7, 8);
    check(
        Models.run(single(13, two, einsum("ij,jk->ik", "x", "w"), w), two, 1, 2, 3, 4),
        two,
        19,
        22,
        43,
        50);
    check(
        Models.run(single(13, two, einsum("ij,ij", "x", "w"), w), two, 1, 2, 3, 4),
        new Shape(),
        70);
    check(Models.run(single(13, two, einsum("ji", "x")), two, 1, 2, 3, 4), two, 1, 3, 2, 4);
    check(Models.run(single(13, two, einsum("ij -> i", "x")), two, 1, 2, 3, 4), new Shape(2), 3, 7);
    check(
        Models.run(single(13, two, einsum("...j,jk", "x", "w"), w), two, 1, 2, 3, 4),
        two,
        19,
        22,
        43,
        50);
  }

  /** Against loops over all letters. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "abij,abjk->abik",
        "abij,bjk->kia",
        "ai,bj->abij",
        "ai,ai->a",
        "ij,j->i",
        "ia,jb,ak->kib",
        "ia,ib,ic->abc",
        "abi,aci->ab",
        "abc->ca",
        "ij,k->",
      })
  void einsum_sumsProductsOverTheLettersThatTheResultLacks(String equation) {
    List<String> sides = Splitter.on("->").splitToList(equation);
    List<String> terms = Splitter.on(',').splitToList(sides.get(0));
    float[][] values = new float[terms.size()][];
    String[] names = new String[terms.size()];
    TensorProto[] tensors = new TensorProto[terms.size() - 1];
    for (int i = 0; i < names.length; i++) {
      values[i] = new float[(int) shape(terms.get(i)).size()];
      for (int k = 0; k < values[i].length; k++) {
        values[i][k] = (k * 7 + i * 3) % 11 - 5;
      }
      names[i] = i == 0 ? "x" : "w" + i;
      if (i > 0) {
        tensors[i - 1] = floats(names[i], shape(terms.get(i)), values[i]);
      }
    }
    Shape given = shape(terms.get(0));
    check(
        Models.run(single(12, given, einsum(equation, names), tensors), given, values[0]),
        shape(sides.get(1)),
        loops(terms, sides.get(1), values));
  }

  private static Shape shape(String letters) {
    return new Shape(letters.chars().mapToLong(letter -> SIZES.get((char) letter)).toArray());
  }

  private static double[] loops(List<String> terms, String result, float[][] values) {
    double[] sums = new double[(int) shape(result).size()];
    loops(terms, result, values, new LinkedHashMap<>(), sums);
    return sums;
  }

  private static void loops(
      List<String> terms,
      String result,
      float[][] values,
      Map<Character, Integer> at,
      double[] sums) {
    for (char letter : String.join("", terms).toCharArray()) {
      if (!at.containsKey(letter)) {
        for (int i = 0; i < SIZES.get(letter); i++) {
          at.put(letter, i);
          loops(terms, result, values, at, sums);
        }
        at.remove(letter);
        return;
      }
    }
    double product = 1;
    for (int i = 0; i < values.length; i++) {
      product *= values[i][place(terms.get(i), at)];
    }
    sums[place(result, at)] += product;
  }

  private static int place(String letters, Map<Character, Integer> at) {
    int place = 0;
    for (char letter : letters.toCharArray()) {
      place = place * SIZES.get(letter) + at.get(letter);
    }
    return place;
  }

  /** Attention as torchvision's MaxViT has it, with a weight and a bias for each position. */
  private static GraphProto.Builder attention() {
    return Models.graph(1, 2, 3, 4)
        .addInitializer(Models.ramp("turn", new Shape(4, 4)))
        .addInitializer(Models.ramp("bias", new Shape(1, 2, 3, 3)))
        .addNode(
            node(
                "Einsum",
                List.of("x", "turn"),
                List.of("k"),
                text("equation", "b h j d, d e -> b h j e")))
        .addNode(
            node(
                "Einsum",
                List.of("x", "k"),
                List.of("p"),
                text("equation", "b h i d, b h j d -> b h i j")))
        .addNode(node("Add", List.of("p", "bias"), List.of("r")))
        .addNode(node("Softmax", List.of("r"), List.of("a"), Models.number("axis", -1)))
        .addNode(
            node(
                "Einsum",
                List.of("a", "x"),
                List.of("y"),
                text("equation", "b h i j, b h j d -> b h i d")));
  }

  @Test
  void file_ofOneImage_givesEachOfThreeWhatItGivesAlone_andItsWeightIsPrunable()
      throws IOException {
    try (Model model = Onnx.read(FixedFiles.write(folder, attention()));
        NDManager manager = model.getNDManager().newSubManager()) {
      assertThat(ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights()).paths())
          .containsExactly("turn");
      NDArray images = manager.create(Models.ramp(72), new Shape(3, 2, 3, 4)).sin();
      NDArray together = forward(model, manager, images);
      for (int i = 0; i < 3; i++) {
        NDArray alone = forward(model, manager, images.get(new NDIndex(i + ":" + (i + 1))));
        // the engine may add up in another order
        assertThat(together.get(i).sub(alone.get(0)).abs().max().getFloat()).isLessThan(1e-6f);
      }
    }
  }

  private static NDArray forward(Model model, NDManager manager, NDArray x) {
    return model
        .getBlock()
        .forward(new ParameterStore(manager, false), new NDList(x), false)
        .singletonOrThrow();
  }

  @Test
  void products_thatSumOverImages_areRefused() throws IOException {
    GraphProto.Builder graph =
        Models.graph(1, 2, 3)
            .addNode(
                node("Einsum", List.of("x", "x"), List.of("s"), text("equation", "bij,bik->jk")))
            .addNode(
                node("Einsum", List.of("x", "s"), List.of("y"), text("equation", "bij,jk->bik")));
    Path file = FixedFiles.write(folder, graph);
    assertThatThrownBy(() -> Onnx.read(file)).hasMessageContaining("Einsum");
  }

  @Test
  void equation_thatIsNone_isRefused() {
    Shape two = new Shape(2, 2);
    for (String bad : List.of("", "ii->i", "ij->k", "ij,jk->ik", "i1->i", "ij->ij->i", "ij->ii")) {
      assertThatThrownBy(() -> single(13, two, einsum(bad, "x")))
          .as(bad)
          .hasMessageContaining("equation not supported");
    }
    assertThatThrownBy(() -> Models.run(single(13, two, einsum("ijk->i", "x")), two, 1, 2, 3, 4))
        .hasMessageContaining("Einsum");
  }
}
