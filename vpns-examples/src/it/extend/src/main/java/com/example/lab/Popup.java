package com.example.lab;

import java.util.List;
import org.vpns.Sparsity;
import org.vpns.optim.ScoreGradient;
import org.vpns.prune.TunedPruner;
import org.vpns.score.Scorers;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Pass;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/** Learns scores by gradients that are never larger than 1, then tunes. */
final class Popup extends TunedPruner<Popup> {
  private Length finding = Length.epochs(5);

  /** Length of learning the scores; default 5 epochs. */
  Popup finding(Length newFinding) {
    return with(popup -> popup.finding = newFinding);
  }

  private static final class Clipped implements ScoreGradient {
    @Override
    public void apply(float[] g, float[] theta, float[] c, int[] kept, int n) {
      for (int i = 0; i < n; i++) {
        g[i] = Math.max(-1, Math.min(1, g[i] * theta[i])) * Math.signum(c[i]);
      }
    }

    @Override
    public boolean usesMask() {
      return false;
    }

    @Override
    public String describe() {
      return "clipped";
    }
  }

  @Override
  public String name() {
    return "Popup";
  }

  @Override
  protected MaskRule mask(Sparsity sparsity) {
    return MaskRule.learned(Scorers.random(), allocation, sparsity, new Clipped());
  }

  @Override
  public List<Stage> stages(Sparsity sparsity) {
    Stage find =
        Stage.builder("learn scores")
            .mask(mask(sparsity))
            .train(Target.SCORES, Stage.Motion.OF_SCORES)
            .pass(Pass.plain())
            .length(finding)
            .build();
    return List.of(find, Stage.tuning(weights, length).build());
  }
}
