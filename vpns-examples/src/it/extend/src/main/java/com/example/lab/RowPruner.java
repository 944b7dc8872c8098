package com.example.lab;

import java.util.List;
import org.vpns.Sparsity;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Pass;
import org.vpns.train.Pruner;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/** Learns which rows stay, then tunes: an epoch each. */
record RowPruner() implements Pruner {
  @Override
  public String name() {
    return "Rows";
  }

  @Override
  public List<Stage> stages(Sparsity sparsity) {
    Stage find =
        Stage.builder("learn rows")
            .mask(MaskRule.shared(new Rows(sparsity)))
            .train(Target.SCORES, UpdateRule.adam(), LearningRate.constant(0.01))
            .pass(Pass.plain())
            .length(Length.epochs(1))
            .build();
    return List.of(find, Stage.tuning(Stage.Motion.OF_WEIGHTS, Length.epochs(1)).build());
  }
}
