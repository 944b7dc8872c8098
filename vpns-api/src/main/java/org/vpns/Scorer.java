package org.vpns;

/** Says what each prunable weight is worth, looking at the weights and perhaps at data. */
public interface Scorer {
  /** Computes scores; changes neither weights nor statistics. */
  Scores score(ScoringContext context);

  /** Name and options, such as {@code magnitude}. */
  String describe();
}
