package org.vpns.allocate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Iterables;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.Allocation;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Scores;
import org.vpns.Sparsity;
import org.vpns.select.GroupedAllocation;
import org.vpns.select.TensorGroup;
import org.vpns.testing.Fixtures;

class LayerwiseAllocationTest {
  private static final JsonObject FIXTURE = Fixtures.baselinesJson();

  /** Two convolutions and a linear layer, 476 weights. */
  private static final Layout WORKED =
      Layout.of(
          ImmutableMap.of(
              "a", new Shape(4, 3, 3, 3), "b", new Shape(8, 4, 3, 3), "c", new Shape(10, 8)));

  private static LayerDensities named(String name) {
    return name.equals("er") ? LayerDensities.er() : LayerDensities.erk();
  }

  private static double[] doubles(JsonArray array) {
    return StreamSupport.stream(array.spliterator(), false)
        .mapToDouble(JsonElement::getAsDouble)
        .toArray();
  }

  private static Integer[] integers(JsonArray array) {
    return StreamSupport.stream(array.spliterator(), false)
        .map(JsonElement::getAsInt)
        .toArray(Integer[]::new);
  }

  private static Shape shape(JsonElement dimensions) {
    double[] sizes = doubles(dimensions.getAsJsonArray());
    long[] shape = new long[sizes.length];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = (long) sizes[i];
    }
    return new Shape(shape);
  }

  private static Layout smallNetwork() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    for (JsonElement tensor : FIXTURE.getAsJsonArray("layout")) {
      JsonObject fields = tensor.getAsJsonObject();
      shapes.put(fields.get("name").getAsString(), shape(fields.get("shape")));
    }
    return Layout.of(shapes);
  }

  private static Layout resnet18() {
    JsonObject network = FIXTURE.getAsJsonObject("resnet18@0.9");
    JsonArray names = network.getAsJsonArray("names");
    Map<String, Shape> shapes = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      shapes.put(names.get(i).getAsString(), shape(network.getAsJsonArray("shapes").get(i)));
    }
    return Layout.of(shapes);
  }

  private static Collection<Integer> counts(LayerDensities densities, Layout layout, String s) {
    return counts(Allocations.layerwise(densities), layout, Sparsity.of(s)).values();
  }

  /** Weights kept of each parameter, by path. */
  private static Map<String, Integer> counts(GroupedAllocation rule, Layout layout, Sparsity s) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (TensorGroup group : rule.groups(layout, s)) {
      int tensor = Iterables.getOnlyElement(group.tensors());
      counts.put(layout.path(tensor), Math.toIntExact(group.keep()));
    }
    return counts;
  }

  @ParameterizedTest
  @CsvSource({
    "er,  0.5, .734568, .472222, .283333, 79, 136, 23",
    "erk, 0.5, .613501, .318548, 1,       66,  92, 80",
    "er,  0.8, .293827, .188889, .113333, 32,  55,  9",
    "erk, 0.8, .233862, .121429, .437143, 26,  35, 35",
    "er,  0.9, .146914, .094444, .056667, 16,  27,  5",
    "erk, 0.9, .116931, .060714, .218571, 13,  18, 17"
  })
  void erdosRenyi_ofTheWorkedNetwork_isAsWorked(
      String name, String s, double a, double b, double c, int keepA, int keepB, int keepC) {
    assertThat(named(name).of(WORKED, Sparsity.of(s)))
        .containsExactly(new double[] {a, b, c}, within(5e-7)); // six decimals are written
    assertThat(counts(named(name), WORKED, s)).containsExactly(keepA, keepB, keepC);
  }

  @ParameterizedTest
  @CsvSource({"er, 0.8", "er, 0.9", "er, 0.98", "erk, 0.8", "erk, 0.9", "erk, 0.98"})
  void erdosRenyi_ofTheSmallNetwork_isTheReference(String name, String s) {
    JsonObject expected = FIXTURE.getAsJsonObject(name).getAsJsonObject(s);
    assertThat(named(name).of(smallNetwork(), Sparsity.of(s)))
        // sums of seven doubles, in another order
        .containsExactly(doubles(expected.getAsJsonArray("density")), within(1e-12));
    assertThat(counts(named(name), smallNetwork(), s))
        .containsExactly(integers(expected.getAsJsonArray("count")));
  }

  /** The mask with which the reference run of RigL starts: the largest weights by ERK counts. */
  @Test
  void erk_onTheSmallNetworksMagnitudes_isTheReferenceMask() {
    Layout layout = smallNetwork();
    Map<String, float[]> scores = new LinkedHashMap<>();
    for (String path : layout.paths()) {
      float[] weights = Fixtures.tinyresnet().floats("model." + path);
      for (int i = 0; i < weights.length; i++) {
        weights[i] = Math.abs(weights[i]);
      }
      scores.put(path, weights);
    }
    MaskSet masks = Allocations.erk().allocate(Scores.of(layout, scores), Sparsity.of(0.9));
    byte[] expected = Fixtures.baselines().bytes("rigl.mask.initial");
    for (int i = 0; i < layout.tensors(); i++) {
      int offset = layout.offset(i);
      assertThat(masks.get(layout.path(i)))
          .isEqualTo(Mask.of(layout.shape(i), j -> expected[offset + j] != 0));
    }
  }

  /** Path of ResNet-18, densities with six decimals and counts at sparsity 0.9. */
  private static final String[][] TABLE = {
    {"conv1", "1.000000", "9408", "1.000000", "9408", "0.651079", "1.000000"},
    {"layer1", "0.532830", "19642", "0.422703", "15583", "0.274883", "0.094652"},
    {"layer2.0.conv1", "0.399622", "29463", "0.312296", "23025", "0.203085", "0.094652"},
    {"layer2.0.downsample", "0.399622", "3274", "1.000000", "8192", "1.000000", "0.094652"},
    {"layer2", "0.266415", "39285", "0.206620", "30467", "0.134365", "0.094652"},
    {"layer3.0.conv1", "0.199811", "58927", "0.153782", "45352", "0.100004", "0.094652"},
    {"layer3.0.downsample", "0.199811", "6547", "1.000000", "32768", "0.890806", "0.094652"},
    {"layer3", "0.133207", "78569", "0.102127", "60237", "0.066413", "0.094652"},
    {"layer4.0.conv1", "0.099906", "117854", "0.076299", "90007", "0.049617", "0.094652"},
    {"layer4.0.downsample", "0.099906", "13095", "0.683147", "89541", "0.444249", "0.094652"},
    {"layer4", "0.066604", "157138", "0.050768", "119776", "0.033014", "0.094652"},
    {"fc", "0.050352", "25780", "0.343412", "175827", "1.000000", "0.200000"}
  };

  @Test
  void densities_ofResNet18_areThoseOfTheTable() {
    Layout layout = resnet18();
    Sparsity s = Sparsity.of(0.9);
    double[][] densities = {
      LayerDensities.er().of(layout, s),
      LayerDensities.erk().of(layout, s),
      LayerDensities.erkPlus().of(layout, s),
      LayerDensities.uniformPlus().of(layout, s)
    };
    Map<String, Integer> er = counts(Allocations.er(), layout, s);
    Map<String, Integer> erk = counts(Allocations.erk(), layout, s);
    for (int i = 0; i < layout.tensors(); i++) {
      String path = layout.path(i);
      String[] row = List.of(TABLE).stream().filter(r -> path.startsWith(r[0])).findFirst().get();
      int[] columns = {1, 3, 5, 6};
      for (int c = 0; c < columns.length; c++) {
        assertThat(densities[c][i])
            .as(path)
            .isEqualTo(Double.parseDouble(row[columns[c]]), within(5e-7)); // six decimals
      }
      assertThat(er).containsEntry(path, Integer.parseInt(row[2]));
      assertThat(erk).containsEntry(path, Integer.parseInt(row[4]));
    }
    JsonObject reference = FIXTURE.getAsJsonObject("resnet18@0.9");
    assertThat(densities[0])
        .containsExactly(doubles(reference.getAsJsonArray("er")), within(1e-12));
    assertThat(densities[1])
        .containsExactly(doubles(reference.getAsJsonArray("erk")), within(1e-12));
    for (GroupedAllocation allocation :
        List.of(
            Allocations.uniform(),
            Allocations.uniformPlus(),
            Allocations.er(),
            Allocations.erk(),
            Allocations.erkPlus())) {
      assertThat(counts(allocation, layout, s).values().stream().mapToInt(i -> i).sum())
          .isEqualTo(1167892);
    }
  }

  @Test
  void uniform_roundsByTheLargestFraction() {
    Layout layout =
        Layout.of(ImmutableMap.of("a", new Shape(7), "b", new Shape(9), "c", new Shape(14)));
    // 0.3 of 7, 9, 14 is 2.1, 2.7, 4.2, and 9 of 30 are kept: b's fraction is the largest
    assertThat(counts(LayerDensities.uniform(), layout, "0.7")).containsExactly(2, 3, 4);
    Layout equal =
        Layout.of(ImmutableMap.of("a", new Shape(5), "b", new Shape(5), "c", new Shape(5)));
    // 2.5 each, and 8 of 15: two tied fractions of one half go to the lower indices
    assertThat(counts(LayerDensities.uniform(), equal, "0.5")).containsExactly(3, 3, 2);
  }

  /** Shares of scale x 18 by two products whose last bits differ: a tie for the lower index. */
  @Test
  void equalFractions_ofUnequalDoubles_areATie() {
    double[] densities = LayerDensities.erk().of(WORKED, Sparsity.of(0.9));
    assertThat(densities[1] * 288).isNotEqualTo(densities[2] * 80);
    assertThat(counts(LayerDensities.erk(), WORKED, "0.9")).containsExactly(13, 18, 17);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1"})
  void erk_atTheEnds_keepsAllOrNothing(String s) {
    int all = (int) Sparsity.of(s).keep(1);
    assertThat(LayerDensities.erk().of(WORKED, Sparsity.of(s))).containsOnly(all);
    assertThat(counts(LayerDensities.erk(), WORKED, s))
        .containsExactly(all * 108, all * 288, all * 80);
  }

  @Test
  void erkPlus_withoutRoomForItsHead_isRefusedOrClamped() {
    Layout layout = resnet18();
    Sparsity s98 = Sparsity.of(0.98);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> counts(Allocations.erkPlus(), layout, s98))
        .withMessage(
            "densities infeasible: ERK+ at sparsity 0.98, fc at density 1.0; expected 1 to 11166912"
                + " weights to keep in the other parameters, found -278421.76; change the sparsity"
                + " or the density of the head, or clamp it.");
    double[] clamped = LayerDensities.clampedErkPlus(1).of(layout, s98);
    assertThat(clamped[20]).isEqualTo(0.02);
    assertThat(counts(Allocations.layerwise(LayerDensities.clampedErkPlus(1)), layout, s98))
        .containsEntry("fc", 10240)
        .satisfies(
            counts ->
                assertThat(counts.values().stream().mapToInt(i -> i).sum()).isEqualTo(233579));
    // where there is room nothing is clamped
    assertThat(LayerDensities.clampedErkPlus(1).of(layout, Sparsity.of(0.9)))
        .containsExactly(LayerDensities.erkPlus().of(layout, Sparsity.of(0.9)));
  }

  @Test
  void erkPlus_withAnotherHead_spreadsTheRest() {
    double[] densities = LayerDensities.erkPlus(0.25).of(WORKED, Sparsity.of(0.5));
    // 238 - 20 weights for the convolutions; p n is 13 and 18, so 218/31 * 13/108 and * 18/288
    assertThat(densities)
        .containsExactly(
            new double[] {218.0 / 31 * 13 / 108, 218.0 / 31 * 18 / 288, 0.25}, within(1e-15));
    Layout convolutions = Layout.of(ImmutableMap.of("a", new Shape(4, 3, 3, 3)));
    assertThat(LayerDensities.erkPlus().of(convolutions, Sparsity.of(0.5))).containsExactly(0.5);
    // a head that takes less than the others can make up for
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LayerDensities.erkPlus(0.25).of(WORKED, Sparsity.of(0.1)))
        .withMessageContaining("expected 1 to 396 weights")
        .withMessageContaining("found 408.4;");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LayerDensities.erkPlus(1.5))
        .withMessage(
            "density out of range: ERK+, head; expected 0 <= d <= 1, found 1.5; pass a fraction.");
  }

  @Test
  void uniformPlus_withoutRoomForItsEnds_isRefused() {
    // 108 + 0.2 * 80 for the ends, of 47.6
    assertThatIllegalArgumentException()
        .isThrownBy(() -> counts(Allocations.uniformPlus(), WORKED, Sparsity.of(0.9)))
        .withMessage(
            "densities infeasible: uniform+ at sparsity 0.9; expected at least 124 weights for the"
                + " first convolution and the last linear layer, found 47.6; lower the sparsity or"
                + " take uniform or ERK densities.");
    // 238 - 108 - 40 for the middle
    assertThat(LayerDensities.uniformPlus().of(WORKED, Sparsity.of(0.5)))
        .containsExactly(1, 90.0 / 288, 0.5);
    assertThat(counts(LayerDensities.uniformPlus(), WORKED, "0.5")).containsExactly(108, 90, 40);
    // neither a first convolution nor a last linear layer
    Layout plain = Layout.of(ImmutableMap.of("a", new Shape(4), "b", new Shape(6)));
    assertThat(LayerDensities.uniformPlus().of(plain, Sparsity.of(0.5))).containsExactly(0.5, 0.5);
  }

  @Test
  void given_densities_areKept() {
    LayerDensities given = LayerDensities.given(ImmutableMap.of("a", 0.75, "c", 0.5, "b", 0.4));
    // 81, 115.2, 40: 236.2 of 476; at sparsity 0.5 238 are to be kept, at 0.504 237
    assertThat(counts(given, WORKED, "0.504")).containsExactly(81, 116, 40);
    assertThat(counts(given, WORKED, "0.5")).containsExactly(82, 116, 40);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> counts(given, WORKED, "0.9"))
        .withMessage(
            "densities do not amount to the sparsity: densities{a=0.75, c=0.5, b=0.4} at sparsity"
                + " 0.9; expected 236 to 239 weights to keep, by rounding each share down or up,"
                + " found 48; change the sparsity or the densities.");
  }

  @Test
  void given_densitiesOfAnotherNetwork_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LayerDensities.given(Map.of("a", 0.5)).of(WORKED, Sparsity.of(0.5)))
        .withMessage(
            "densities missing: b; expected one for each of 3 parameters, found 1, none of this"
                + " name; name every prunable parameter.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LayerDensities.given(Map.of("x", 0.5)).of(WORKED, Sparsity.of(0.5)))
        .withMessageStartingWith("no such prunable parameter: 'x';");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LayerDensities.given(Map.of("a", Double.NaN)))
        .withMessage("density out of range: a; expected 0 <= d <= 1, found NaN; pass a fraction.");
  }

  @Test
  void layerwise_withABrokenRule_namesWhatIsBroken() {
    LayerDensities broken =
        new LayerDensities() {
          @Override
          public double[] of(Layout layout, Sparsity sparsity) {
            return new double[] {0.5, Double.NaN, 0.5};
          }

          @Override
          public String describe() {
            return "broken";
          }
        };
    assertThatIllegalArgumentException()
        .isThrownBy(() -> counts(broken, WORKED, "0.5"))
        .withMessage(
            "density out of range: b, broken at sparsity 0.5; expected 0 <= d <= 1, found NaN; look"
                + " at what made the densities.");
  }

  @Test
  void counts_givenByPath_areKeptForAnyScores() {
    Layout two = Layout.of(ImmutableMap.of("a", new Shape(4), "b", new Shape(2, 3)));
    Scores scores = Scores.of(two, new float[] {1, 2, 3, 4, 50, 40, 60, 60, 60, 10});
    Allocation counts = Allocations.counts(ImmutableMap.of("b", 2, "a", 3));
    MaskSet masks = counts.allocate(scores, Sparsity.of(0.5));
    assertThat(masks.get("a")).isEqualTo(Mask.parse(new Shape(4), "0111"));
    assertThat(masks.get("b")).isEqualTo(Mask.parse(new Shape(2, 3), "001100"));
    assertThat(Allocations.countsOf(masks).allocate(scores, Sparsity.of(0.5))).isEqualTo(masks);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> counts.allocate(scores, Sparsity.of(0.6)))
        .withMessage(
            "counts do not amount to the sparsity: counts{b=2, a=3} at sparsity 0.6; expected 4 of"
                + " 10 weights to keep, found 5; ask for Sparsity.removing(5, 10).");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Allocations.counts(Map.of("a", 5, "b", 0)).allocate(scores, Sparsity.of(0.5)))
        .withMessage(
            "count out of range: a; expected 0 to 4 weights to keep, found 5; keep at most as many"
                + " as there are.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Allocations.counts(Map.of("a", 5)).allocate(scores, Sparsity.of(0.5)))
        .withMessageStartingWith("counts missing: b;");
  }

  @Test
  void groups_areOneForEachParameter() {
    assertThat(Allocations.erk().groups(WORKED, Sparsity.of(0.9)))
        .containsExactly(
            new TensorGroup(List.of(0), 13),
            new TensorGroup(List.of(1), 18),
            new TensorGroup(List.of(2), 17));
  }

  /** a is to keep 2 but has 1 left, so b makes up for it. */
  @Test
  void allocateWithin_aParameterWithTooFewSurvivors_keepsThemAll() {
    Layout layout = Layout.of(ImmutableMap.of("a", new Shape(4), "b", new Shape(4)));
    Scores scores = Scores.of(layout, new float[] {9, 8, 7, 6, 1, 2, 3, 4});
    MaskSet survivors =
        MaskSet.of(
            ImmutableMap.of(
                "a", Mask.parse(new Shape(4), "0001"), "b", Mask.parse(new Shape(4), "1110")));
    MaskSet masks = Allocations.uniform().allocateWithin(survivors, scores, Sparsity.of(0.5));
    assertThat(masks).isEqualTo(survivors);
    masks = Allocations.uniform().allocateWithin(survivors, scores, Sparsity.of(0.625));
    assertThat(masks.get("a")).isEqualTo(Mask.parse(new Shape(4), "0001"));
    assertThat(masks.get("b")).isEqualTo(Mask.parse(new Shape(4), "0110"));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Allocations.uniform().allocateWithin(survivors, scores, Sparsity.of(0.375)))
        .withMessage(
            "removed weights would return: uniform at sparsity 0.375; expected at most 4 weights to"
                + " keep, found 5; raise the sparsity from one selection to the next.");
  }

  @Test
  void allocations_describeThemselves() {
    assertThat(
            List.of(
                Allocations.uniform().describe(),
                Allocations.uniformPlus().describe(),
                Allocations.er().describe(),
                Allocations.erk().describe(),
                Allocations.erkPlus().describe(),
                LayerDensities.clampedErkPlus(0.5).describe()))
        .containsExactly(
            "uniform", "uniform+", "er", "erk", "erk+(head 1.0)", "erk+(head 0.5, clamped)");
  }
}
