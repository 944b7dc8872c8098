package com.example.lab;

import org.vpns.Schedule;
import org.vpns.Sparsity;

/** Half of the sparsity at one step, all of it at a later one. */
record Halves(Sparsity last, long first, long end) implements Schedule {
  @Override
  public Sparsity at(long step) {
    if (step >= end) {
      return last;
    }
    return step >= first ? Sparsity.of(last.doubleValue() / 2) : Sparsity.DENSE;
  }

  @Override
  public boolean isPruningStep(long step) {
    return step == first || step == end;
  }

  @Override
  public String describe() {
    return "half of " + last + " at step " + first + ", all at step " + end;
  }
}
