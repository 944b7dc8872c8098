package com.example.lab;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.vpns.Seeds;
import org.vpns.Sparsity;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.plugin.PrunerProvider;
import org.vpns.prune.TunedPruner;
import org.vpns.score.Scorers;
import org.vpns.train.DataOrder;
import org.vpns.train.Distillation;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Pass;
import org.vpns.train.Pruner;
import org.vpns.train.Rewind;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/** Trains under a mask that drifts, then, from the pretrained weights, under its last one. */
public final class Drifter extends TunedPruner<Drifter> {
  /** The pictures in two halves, each half in its own order. */
  private static final class HalfByHalf implements DataOrder {
    @Override
    public long[] of(int epoch, int size, Seeds seeds, String stream) {
      long[] order = new long[size];
      int half = size / 2;
      long[] first = seeds.permutation("half/" + stream + "/" + epoch, half);
      System.arraycopy(first, 0, order, 0, half);
      for (int i = half; i < size; i++) {
        order[i] = i;
      }
      return order;
    }
  }

  @Override
  public String name() {
    return "Drifter";
  }

  @Override
  protected MaskRule mask(Sparsity sparsity) {
    return new Drift(MaskRule.once(Scorers.random(), allocation, sparsity));
  }

  @Override
  public List<Stage> stages(Sparsity sparsity) {
    Stage drift = super.stages(sparsity).get(0);
    Stage settle =
        Stage.builder("settle")
            .rewind(Rewind.pretrained())
            .train(Target.WEIGHTS, UpdateRule.sgd().momentum(0.9), LearningRate.cosine(0.02))
            .pass(Pass.plain().order(new HalfByHalf()))
            .distil(Distillation.of(0.5, 4))
            .regularise(new Anchor(0.01f))
            .length(Length.epochs(1))
            .build();
    return List.of(drift, settle);
  }

  /** Makes it known by name. */
  public static final class Provider implements PrunerProvider {
    @Override
    public Map<String, Supplier<Pruner>> pruners() {
      return Map.of("drifter", Drifter::new);
    }
  }
}
