package com.example.lab;

import org.vpns.structured.ChannelScores;
import org.vpns.structured.score.ChannelContext;
import org.vpns.structured.score.ChannelImportance;

/** The mean of two importances. */
record Blend(ChannelImportance one, ChannelImportance other) implements ChannelImportance {
  @Override
  public ChannelScores score(ChannelContext context) {
    ChannelScores a = one.score(context);
    ChannelScores b = other.score(context);
    return ChannelScores.of(context.groups(), unit -> (a.score(unit) + b.score(unit)) / 2);
  }

  @Override
  public String describe() {
    return "mean of (" + one.describe() + ") and (" + other.describe() + ")";
  }
}
