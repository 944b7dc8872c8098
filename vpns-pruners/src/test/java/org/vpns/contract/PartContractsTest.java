package org.vpns.contract;

import java.util.List;
import org.junit.jupiter.api.Nested;
import org.vpns.Allocation;
import org.vpns.Layout;
import org.vpns.Schedule;
import org.vpns.Scorer;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.schedule.Schedules;
import org.vpns.score.Scorers;
import org.vpns.testing.contract.AllocationContract;
import org.vpns.testing.contract.ScheduleContract;
import org.vpns.testing.contract.ScorerContract;

/** Scorers, allocations and schedules against their contracts. */
class PartContractsTest {
  @Nested
  class MagnitudeScores extends ScorerContract {
    @Override
    protected Scorer scorer() {
      return Scorers.magnitude();
    }
  }

  @Nested
  class RandomScores extends ScorerContract {
    @Override
    protected Scorer scorer() {
      return Scorers.random();
    }
  }

  @Nested
  class ScaledInitialisation extends ScorerContract {
    @Override
    protected Scorer scorer() {
      return Scorers.scaledInitialisation();
    }
  }

  @Nested
  class Snip extends ScorerContract {
    @Override
    protected Scorer scorer() {
      return Scorers.snip();
    }
  }

  @Nested
  class Grasp extends ScorerContract {
    @Override
    protected Scorer scorer() {
      return Scorers.grasp();
    }
  }

  @Nested
  class SynFlow extends ScorerContract {
    @Override
    protected Scorer scorer() {
      return Scorers.synFlow();
    }
  }

  @Nested
  class Global extends AllocationContract {
    @Override
    protected Allocation allocation() {
      return Allocations.global();
    }
  }

  @Nested
  class PerLayer extends AllocationContract {
    @Override
    protected Allocation allocation() {
      return Allocations.perLayer();
    }

    @Override
    protected long kept(Layout layout, Sparsity sparsity) {
      long kept = 0;
      for (int i = 0; i < layout.tensors(); i++) {
        kept += sparsity.keep(layout.size(i));
      }
      return kept;
    }
  }

  @Nested
  class Uniform extends AllocationContract {
    @Override
    protected Allocation allocation() {
      return Allocations.uniform();
    }
  }

  @Nested
  class Erk extends AllocationContract {
    @Override
    protected Allocation allocation() {
      return Allocations.erk();
    }
  }

  @Nested
  class ErdosRenyi extends AllocationContract {
    @Override
    protected Allocation allocation() {
      return Allocations.er();
    }
  }

  @Nested
  class NOfM extends AllocationContract {
    @Override
    protected Allocation allocation() {
      return Allocations.nOfM(2, 4);
    }

    @Override
    protected List<Sparsity> sparsities() {
      return List.of(Sparsity.of("0.5"), Sparsity.of("0.75"), Sparsity.of("0.9"));
    }

    @Override
    protected boolean ranksWithinTensors() {
      return false;
    }
  }

  @Nested
  class OneShot extends ScheduleContract {
    @Override
    protected Schedule schedule() {
      return Schedules.oneShot(Sparsity.of("0.9")).startingAt(5);
    }
  }

  @Nested
  class Linear extends ScheduleContract {
    @Override
    protected Schedule schedule() {
      return Schedules.linear(Sparsity.of("0.9"), 7, 3);
    }
  }

  @Nested
  class Cubic extends ScheduleContract {
    @Override
    protected Schedule schedule() {
      return Schedules.cubic(Sparsity.of("0.95"), 20, 10).from(Sparsity.of("0.2")).startingAt(50);
    }
  }

  @Nested
  class Exponential extends ScheduleContract {
    @Override
    protected Schedule schedule() {
      return Schedules.exponential(Sparsity.of("0.98"), 100, 1);
    }
  }

  @Nested
  class Cosine extends ScheduleContract {
    @Override
    protected Schedule schedule() {
      return Schedules.cosine(Sparsity.of("0.5"), 4, 25);
    }
  }
}
