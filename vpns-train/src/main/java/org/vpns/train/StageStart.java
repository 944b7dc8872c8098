package org.vpns.train;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.ScoringContext;
import org.vpns.internal.network.Choice;
import org.vpns.internal.run.LiveState;

/**
 * Begins a stage: its mask among the weights as they are, then the state it is rewound to. Learned
 * masks begin with scores of the weights that they will be learned on.
 */
final class StageStart {
  private final LiveState live;
  private final Scoring scoring;
  private final Rewinds rewinds;
  private final CollapseCheck collapse;
  private final Ledger ledger;

  StageStart(
      LiveState live, Scoring scoring, Rewinds rewinds, CollapseCheck collapse, Ledger ledger) {
    this.live = live;
    this.scoring = scoring;
    this.rewinds = rewinds;
    this.collapse = collapse;
    this.ledger = ledger;
  }

  /**
   * Applies the stage's first mask.
   *
   * @param last whether no later stage changes it
   * @param choices hears of selections
   * @return what learns the scores from here on, of a mask that is learned; otherwise null
   */
  LearnedMask.@Nullable Learning begin(Stage stage, boolean last, Consumer<Choice> choices) {
    ledger.iteration = stage.rewind().steps();
    LearnedMask learned = stage.learnedMask();
    if (learned != null) {
      rewinds.restore(stage.rewind());
      return ledger.timeScoring(() -> beginLearned(learned, scoring.context(stage, choices)));
    }
    ScoringContext context = scoring.context(stage, choices);
    MaskSet masks =
        Problem.given(
            ledger.timeScoring(() -> stage.mask().begin(context, live.masks())),
            stage.inWords(),
            "what MaskRule.begin gives");
    rewinds.restore(stage.rewind());
    live.weights().apply(masks);
    collapse.masked(stage.inWords(), masks);
    MovingMask moving = stage.movingMask();
    if (moving == null) {
      collapse.settled(stage.inWords(), masks, last);
    } else if (!moving.remembersRemoved()) {
      live.weights().forget(masks);
    }
    return null;
  }

  private LearnedMask.Learning beginLearned(LearnedMask mask, ScoringContext context) {
    LearnedMask.Start start = mask.start(context);
    live.weights().apply(start.masks());
    collapse.forget();
    return start.learning();
  }
}
