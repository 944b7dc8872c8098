package org.vpns.examples.speed;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Objects;
import org.vpns.Sparsity;
import org.vpns.examples.OutcomeRun;
import org.vpns.graph.LayerTable;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.predict.PrunedModel;
import org.vpns.report.PruneReport;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.plan.ChannelBudget;
import org.vpns.structured.plan.ChannelSelection;
import org.vpns.structured.score.ChannelContext;
import org.vpns.structured.score.Importances;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/**
 * Channels leave a trained network at once, if any do; then a recipe trains what is left, and may
 * take weights from it. The model is kept, to be timed.
 *
 * @param way its name
 * @param channels share of the multiply-adds that leaves with channels, those of least L2 norm of
 *     each group
 * @param roundTo what the channels that stay in a group are a multiple of
 * @param recipe of the training
 * @param image shape of one
 */
record SpeedRun(String way, Sparsity channels, int roundTo, Recipe recipe, Shape image)
    implements OutcomeRun<SpeedOutcome> {
  @Override
  public String method() {
    return channels.equals(Sparsity.DENSE) ? way : way + " " + channels;
  }

  @Override
  public Sparsity sparsity() {
    return recipe.sparsity();
  }

  @Override
  public Map<String, String> choices() {
    return Map.of("channels", channels.toString(), "roundTo", Integer.toString(roundTo));
  }

  @Override
  public Class<SpeedOutcome> outcome() {
    return SpeedOutcome.class;
  }

  @Override
  public SpeedOutcome run(Place place) throws IOException {
    double dense = Trainer.of(recipe).accuracy(place.network(), place.images()).plainFraction();
    NetworkValues whole = BlockTracer.network(place.network().getBlock(), image);
    if (channels.equals(Sparsity.DENSE)) {
      return trained(place, place.network(), whole, dense);
    }
    try (Model smaller =
        selection(channels, roundTo)
            .plan(
                Importances.l2()
                    .score(ChannelContext.of(whole, ChannelGroups.of(whole.graph())).seed(seed())))
            .apply(place.network())) {
      return trained(place, smaller, whole, dense);
    }
  }

  /** Which channels leave; each group loses the same share, as nearly as widths allow. */
  static ChannelSelection selection(Sparsity leaving, int roundTo) {
    double staying = BigDecimal.ONE.subtract(leaving.value()).doubleValue();
    return ChannelSelection.of(ChannelBudget.macs(staying)).roundTo(roundTo);
  }

  private SpeedOutcome trained(Place place, Model model, NetworkValues whole, double dense)
      throws IOException {
    Trainer trainer =
        Trainer.of(recipe).listener(place.listener()).checkpoints(place.checkpoints()).resume();
    try (PrunedModel pruned = trainer.fit(model, place.images())) {
      PruneReport report = pruned.report();
      if (place.model() != null) {
        pruned.save(place.model());
      }
      return new SpeedOutcome(
          way,
          channels.toString(),
          report.sparsity(),
          seed(),
          dense,
          Objects.requireNonNull(report.tuned()).plainFraction(),
          report.kept(),
          Objects.requireNonNull(report.keptMacs()),
          LayerTable.of(whole.graph()).macs(),
          report.gradientSteps(),
          report.stages().stream().mapToDouble(stage -> stage.training().seconds()).sum());
    }
  }

  @Override
  public String line(SpeedOutcome result) {
    return result.line();
  }
}
