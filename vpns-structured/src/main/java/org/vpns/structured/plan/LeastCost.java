package org.vpns.structured.plan;

/** As little as floors allow: steps are taken as long as one saves any of a cost. */
final class LeastCost extends ChannelBudget {
  private final NetworkCost cost;

  LeastCost(NetworkCost cost) {
    this.cost = cost;
  }

  @Override
  Outcome select(Selecting selecting) {
    Descent descent = new Descent(selecting, cost);
    while (descent.step()) {
      // the next one may save some more
    }
    descent.end();
    return new Outcome(toString(), descent.now() + " " + cost.name());
  }

  /** Such as {@code as few milliseconds as can be}. */
  @Override
  public String toString() {
    return "as few " + cost.name() + " as can be";
  }
}
