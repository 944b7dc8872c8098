package org.vpns.structured.prune;

import org.vpns.Problem;
import org.vpns.ScoringContext;
import org.vpns.graph.ModelGraph;
import org.vpns.internal.flow.TracedBlock;
import org.vpns.internal.text.Texts;
import org.vpns.optim.SharedScores;
import org.vpns.structured.ChannelRules;
import org.vpns.structured.plan.ChannelSelection;
import org.vpns.structured.score.ChannelImportance;

/** A score for each unit of channels, whose gate shuts off all that reads the unit. */
record UnitScores(ChannelRules rules, ChannelImportance start, ChannelSelection selection)
    implements SharedScores {
  @Override
  public Gates open(ScoringContext context) {
    Problem.given(context, "SharedScores.open", "context");
    ModelGraph graph = TracedBlock.of(context.block(), context.inputShape()).graph();
    ChannelRules held = FrozenChannels.held(rules, graph, context.block(), context.layout());
    GatedUnits gated = GatedUnits.of(graph, held, context.layout());
    return new UnitGates(gated, new GateMasks(gated, context.layout()), start, selection);
  }

  @Override
  public String describe() {
    String asked = rules.toString();
    return Texts.own(start.describe(), start, "ChannelImportance")
        + "; "
        + selection.describe()
        + (asked.isEmpty() ? "" : "; " + asked);
  }

  @Override
  public String toString() {
    return describe();
  }
}
