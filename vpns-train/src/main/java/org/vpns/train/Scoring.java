package org.vpns.train;

import ai.djl.ndarray.types.Shape;
import java.util.function.Consumer;
import org.vpns.ScoringContext;
import org.vpns.Seeds;
import org.vpns.internal.network.Choice;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.NetworkScoring;
import org.vpns.internal.run.ScoringPool;

/** What scorers and mask rules may look at during a run. */
final class Scoring {
  private final Network network;
  private final Shape input;
  private final Seeds seeds;
  private final ScoringPool pool;
  private final RunMapping mapping;
  private final Ledger ledger;
  private final Consumer<String> warnings;

  Scoring(
      Network network,
      Shape input,
      Seeds seeds,
      ScoringPool pool,
      RunMapping mapping,
      Ledger ledger,
      Consumer<String> warnings) {
    this.network = network;
    this.input = input;
    this.seeds = seeds;
    this.pool = pool;
    this.mapping = mapping;
    this.ledger = ledger;
    this.warnings = warnings;
  }

  /**
   * The network as it is, in a stage.
   *
   * @param choices hears of selections
   */
  ScoringContext context(Stage stage, Consumer<Choice> choices) {
    boolean prompted = stage.scoresWithPrompt();
    return NetworkScoring.of(network, seeds)
        .input(input)
        .mapping(() -> mapping.forScoring(prompted))
        .images(set -> pool.choose(set, mapping.forScoring(prompted), prompted))
        .warnings(warnings)
        .passes(ledger.scoring)
        .choices(choices);
  }
}
