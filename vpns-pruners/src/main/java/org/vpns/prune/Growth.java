package org.vpns.prune;

/** Which inactive weights grow in the place of those that were dropped. */
enum Growth {
  /**
   * Those of largest loss gradient on the batch at hand, just dropped ones not excepted; the mask
   * moves in place of that step's update of the weights.
   */
  GRADIENT("growing by gradient"),
  /** Any, but those just dropped; the step goes on with the weights that are there. */
  RANDOM("growing at random");

  private final String text;

  Growth(String text) {
    this.text = text;
  }

  String describe() {
    return text;
  }
}
