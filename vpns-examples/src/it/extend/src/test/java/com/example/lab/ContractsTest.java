package com.example.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Nested;
import org.vpns.Allocation;
import org.vpns.LabelMapping;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.PromptFactory;
import org.vpns.Schedule;
import org.vpns.Scorer;
import org.vpns.Sparsity;
import org.vpns.structured.score.ChannelImportance;
import org.vpns.structured.score.Importances;
import org.vpns.testing.contract.AllocationContract;
import org.vpns.testing.contract.LabelMappingContract;
import org.vpns.testing.contract.ScheduleContract;
import org.vpns.testing.contract.ScorerContract;
import org.vpns.testing.contract.VisualPromptContract;
import org.vpns.testing.structured.ChannelImportanceContract;
import org.vpns.testing.train.PrunerContract;
import org.vpns.testing.train.RegulariserContract;
import org.vpns.train.Length;
import org.vpns.train.Pruner;
import org.vpns.train.Regulariser;

/** What is ours keeps the promises that all parts of their kind make. */
class ContractsTest {
  @Nested
  class OurAllocation extends AllocationContract {
    @Override
    protected Allocation allocation() {
      return new Ramp().share(0.3);
    }
  }

  @Nested
  class OurSchedule extends ScheduleContract {
    @Override
    protected Schedule schedule() {
      return new Halves(Sparsity.of("0.9"), 10, 40);
    }
  }

  @Nested
  class OurMapping extends LabelMappingContract {
    @Override
    protected LabelMapping mapping() {
      return new Backwards();
    }
  }

  @Nested
  class OurScorer extends ScorerContract {
    @Override
    protected Scorer scorer() {
      return new Sensitivity();
    }
  }

  @Nested
  class OurScorerForRounds extends ScorerContract {
    @Override
    protected Scorer scorer() {
      return new Jolt();
    }
  }

  @Nested
  class OurPrompt extends VisualPromptContract {
    @Override
    protected PromptFactory factory() {
      return Bars.of(2);
    }
  }

  @Nested
  class OurRegulariser extends RegulariserContract {
    @Override
    protected Regulariser regulariser() {
      return new Anchor(0.5f);
    }
  }

  @Nested
  class OurPruner extends PrunerContract {
    @Override
    protected Pruner pruner() {
      return new Drifter().length(Length.epochs(2));
    }
  }

  @Nested
  class OurLearningPruner extends PrunerContract {
    @Override
    protected Pruner pruner() {
      return new Popup().finding(Length.epochs(1)).length(Length.epochs(1));
    }
  }

  @Nested
  class OurImportance extends ChannelImportanceContract {
    @Override
    protected ChannelImportance importance() {
      return new Peak();
    }
  }

  @Nested
  class OurImportanceOfTwo extends ChannelImportanceContract {
    @Override
    protected ChannelImportance importance() {
      return new Blend(new Peak(), Importances.taylor());
    }
  }

  @Nested
  class OurRowPruner extends PrunerContract {
    @Override
    protected Pruner pruner() {
      return new RowPruner();
    }

    @Override
    protected void requireKept(MaskSet masks) {
      long rows = 0;
      long kept = 0;
      for (Mask mask : masks.asMap().values()) {
        int length = mask.size() / (int) mask.shape().get(0);
        for (int i = 0; i < mask.size(); i++) {
          assertThat(mask.isKept(i)).isEqualTo(mask.isKept(i / length * length));
          rows += i % length == 0 ? 1 : 0;
          kept += i % length == 0 && mask.isKept(i) ? 1 : 0;
        }
      }
      assertThat(kept).isEqualTo(sparsity().keep(rows));
    }
  }
}
