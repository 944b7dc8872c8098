package com.example.lab;

import java.util.random.RandomGenerator;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ScoringContext;
import org.vpns.optim.StateVisitor;
import org.vpns.train.FixedMask;
import org.vpns.train.MaskRule;
import org.vpns.train.MovingMask;

/** A mask that is drawn anew before every epoch but the first, as many weights of each parameter. */
record Drift(MaskRule first) implements MovingMask {
  /** Every second weight of each parameter. */
  record Stripes() implements FixedMask {
    @Override
    public MaskSet begin(ScoringContext context, MaskSet current) {
      return MaskSet.of(
          context.layout(), i -> Mask.of(context.layout().shape(i), entry -> entry % 2 == 0));
    }

    @Override
    public String describe() {
      return "stripes";
    }
  }

  @Override
  public MaskSet begin(ScoringContext context, MaskSet current) {
    return first.begin(context, current);
  }

  @Override
  public Movement movement(Span span, MaskSet start) {
    return new Course(span, new long[1]);
  }

  @Override
  public String describe() {
    return first.describe() + ", drifting";
  }

  private record Course(Span span, long[] moves) implements Movement {
    @Override
    public Moment at(long step) {
      return step > 0 && step % span.stepsPerEpoch() == 0 ? Moment.BEFORE_STEP : Moment.NEVER;
    }

    @Override
    public Change change(View view) {
      moves[0]++;
      RandomGenerator random = view.random("drift");
      MaskSet before = view.masks();
      MaskSet after =
          MaskSet.of(
              before.layout(),
              i -> {
                int size = before.layout().size(i);
                int by = random.nextInt(size);
                Mask mask = before.mask(i);
                return Mask.of(mask.shape(), entry -> mask.isKept((entry + by) % size));
              });
      return Change.between(before, after);
    }

    @Override
    public void visit(StateVisitor visitor) {
      visitor.counters("moves", moves);
    }
  }
}
