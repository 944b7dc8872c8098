package org.vpns.score;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.testing.Fixtures;
import org.vpns.testing.TinyResNet;

/** What masks leave of the ways through a network. */
final class LayerCollapseTest {
  private static final Shape IMAGE = new Shape(3, 32, 32);

  private static Layout layout(Model model) {
    return ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights());
  }

  private static MaskSet fixture(Layout layout, String name) {
    byte[] bits = Fixtures.baselines().bytes(name);
    Map<String, Mask> masks = new LinkedHashMap<>();
    for (int i = 0; i < layout.tensors(); i++) {
      int offset = layout.offset(i);
      masks.put(layout.path(i), Mask.of(layout.shape(i), j -> bits[offset + j] == 1));
    }
    return MaskSet.of(masks);
  }

  private static MaskSet without(MaskSet masks, String... paths) {
    Map<String, Mask> rest = new LinkedHashMap<>(masks.asMap());
    for (String path : paths) {
      rest.put(path, Mask.zeros(masks.get(path).shape()));
    }
    return MaskSet.of(rest);
  }

  @Test
  void denseNetwork_hasNothingToTell() {
    try (Model model = TinyResNet.newModel()) {
      LayerCollapse collapse =
          LayerCollapse.of(model.getBlock(), IMAGE, MaskSet.ones(layout(model)));
      assertThat(collapse.isCollapsed()).isFalse();
      assertThat(collapse.deadSurvivors()).isZero();
      assertThat(collapse.deadUnits()).isEmpty();
      assertThat(collapse.sentences()).isEmpty();
      assertThat(collapse.flow() / 5972877.8649886055).isBetween(1 - 1e-12, 1 + 1e-12);
    }
  }

  /** The reference counts two survivors of SynFlow at 0.9 whose way was cut in the last round. */
  @Test
  void survivors_ofSynFlow_thatNothingReaches_areCounted() {
    try (Model model = TinyResNet.newModel()) {
      Layout layout = layout(model);
      LayerCollapse at90 =
          LayerCollapse.of(model.getBlock(), IMAGE, fixture(layout, "synflow.mask@0.9"));
      assertThat(at90.deadSurvivors()).isEqualTo(2);
      assertThat(at90.emptyLayers()).isEmpty();
      assertThat(at90.flow() / 103368.87214630934).isBetween(1 - 1e-10, 1 + 1e-10);
      LayerCollapse at98 =
          LayerCollapse.of(model.getBlock(), IMAGE, fixture(layout, "synflow.mask@0.98"));
      assertThat(at98.deadSurvivors()).isZero();
      assertThat(at98.flow() / 1514.6985554784344).isBetween(1 - 1e-10, 1 + 1e-10);
    }
  }

  @Test
  void branch_withoutWeights_isBlocked_butTheNetworkGoesOn() {
    try (Model model = TinyResNet.newModel()) {
      Layout layout = layout(model);
      LayerCollapse collapse =
          LayerCollapse.of(model.getBlock(), IMAGE, fixture(layout, "synflow.mask@0.98"));
      assertThat(collapse.isCollapsed()).isFalse();
      assertThat(collapse.blockedBranches()).containsExactly("layer2.0.downsample.0.weight");
      assertThat(collapse.deadUnits()).containsEntry("layer2.0.downsample.0.weight", 16);
      assertThat(collapse.sentences())
          .containsExactly(
              "blocked branch: everything flows past layer2.0.downsample.0.weight, which has no"
                  + " weight left");
    }
  }

  @Test
  void layer_thatEveryWayCrosses_collapsesTheNetwork() {
    try (Model model = TinyResNet.newModel()) {
      MaskSet ones = MaskSet.ones(layout(model));
      for (String[] cut :
          List.of(
              new String[] {"conv1.weight"},
              new String[] {"fc.weight"},
              new String[] {"layer2.0.conv2.weight", "layer2.0.downsample.0.weight"})) {
        LayerCollapse collapse = LayerCollapse.of(model.getBlock(), IMAGE, without(ones, cut));
        assertThat(collapse.isCollapsed()).isTrue();
        assertThat(collapse.deadSurvivors()).isEqualTo(without(ones, cut).kept());
        assertThat(collapse.blockedBranches()).isEmpty();
        assertThat(collapse.sentences()).singleElement().asString().contains(cut);
      }
      // a residual branch alone does not
      assertThat(
              LayerCollapse.of(model.getBlock(), IMAGE, without(ones, "layer1.0.conv1.weight"))
                  .isCollapsed())
          .isFalse();
    }
  }

  /** Only the first input of the head is kept, but no weight leads to it. */
  @Test
  void layers_thatKeepWeightsWhichDoNotMeet_collapseTheNetwork() {
    try (Model model = HandMade.model()) {
      Layout layout = layout(model);
      Map<String, Mask> masks = new LinkedHashMap<>();
      masks.put(layout.path(0), Mask.parse(layout.shape(0), "0011"));
      masks.put(layout.path(1), Mask.parse(layout.shape(1), "10"));
      LayerCollapse collapse = LayerCollapse.of(model.getBlock(), new Shape(2), MaskSet.of(masks));
      assertThat(collapse.isCollapsed()).isTrue();
      assertThat(collapse.emptyLayers()).isEmpty();
      assertThat(collapse.deadSurvivors()).isEqualTo(3);
      assertThat(collapse.sentences()).singleElement().asString().contains("do not meet");
    }
  }
}
