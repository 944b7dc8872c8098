package org.vpns.structured.prune;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import java.util.BitSet;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.Sparsity;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.structured.ChannelRules;
import org.vpns.testing.TinyResNet;
import org.vpns.testing.train.TinyRuns;
import org.vpns.train.Length;
import org.vpns.train.Recipe;

/** Short runs of methods on channels: 48 of them in four groups of {@link TinyResNet}. */
final class ChannelRuns {
  /** Of all stages. */
  static final Length FOUR = Length.iterations(4);

  /** With a rate at which channels come and go within a few steps. */
  static final LearningRate SCORES = LearningRate.constant(0.05);

  private ChannelRuns() {}

  static ChannelPruner quick(ChannelPruner pruner) {
    return pruner
        .lengths(FOUR, FOUR, FOUR)
        .scores(UpdateRule.adam(), SCORES)
        .weights(UpdateRule.sgd().momentum(0.9), LearningRate.constant(0.02));
  }

  static Recipe.Builder recipe(ChannelPruner pruner, String sparsity) {
    return Recipe.of(pruner, Sparsity.of(sparsity))
        .name("the same")
        .input(TinyRuns.input())
        .batchSize(TinyRuns.BATCH);
  }

  /**
   * Holds a mask to closed gates of floor(s n) units and nothing else. Weights that it does not
   * have are frozen or outside of the filter, and keep their shape.
   */
  static void requireUnits(MaskSet masks, Sparsity sparsity) {
    try (Model model = TinyResNet.newModel()) {
      ModelGraph graph = BlockTracer.trace(model.getBlock(), new Shape(3, 16, 16));
      ChannelRules rules = ChannelRules.standard();
      for (String path :
          ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights()).paths()) {
        rules = masks.layout().contains(path) ? rules : rules.keepShape(path);
      }
      GatedUnits gated = GatedUnits.of(graph, rules, masks.layout());
      GateMasks gates = new GateMasks(gated, masks.layout());
      BitSet open = gates.open(masks);
      assertThat(open.cardinality()).isEqualTo(sparsity.keep(gated.groups().free().size()));
      assertThat(gates.settled(gates.masks(open))).isEqualTo(masks);
    }
  }
}
