package org.vpns.internal.learn;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.stream.IntStream;
import org.vpns.Allocation;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.Scores;
import org.vpns.Sparsity;
import org.vpns.internal.network.HostFloats;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.TensorMemory;
import org.vpns.optim.ScoreGradient;
import org.vpns.optim.UpdateRule;
import org.vpns.select.GroupedAllocation;
import org.vpns.select.Selection;

/**
 * Learns scores by the straight-through estimator: m = select(|c|), w = m * theta, dL/dc = dL/dw *
 * theta * sign(c) with sign(0) = 0 (Sehwag et al. 2020, equations 2 and 5; Ramanujan et al. 2020).
 * All entries, removed ones too, get a gradient; theta is fixed, or moves in steps between. Another
 * {@link ScoreGradient} may take the estimator's place.
 *
 * <p>Gradient, update, selection and the writing of w happen in one pass over memory; see {@link
 * RunningThreshold} for how the selection stays exact.
 */
public final class ScoreLearner implements MaskLearner {
  private final EffectiveWeights weights;
  private final Network network;
  private final UpdateRule rule;
  private final ScoreGradient gradient;
  private final boolean notesMask;
  private final ThreadTeam team;
  private final Allocation allocation;
  private final Sparsity sparsity;
  private final HostFloats scores;
  private final float[][] slots;
  private final List<Scratch.Piece> pieces;
  private final Scratch[] scratches;
  private final RunningThreshold threshold;
  private final TensorMemory.Access[] accesses;
  private final long[] updates = new long[1];

  /** Starts from the given scores and applies the mask that they select. */
  public ScoreLearner(
      EffectiveWeights weights,
      Scores start,
      Allocation allocation,
      Sparsity sparsity,
      UpdateRule rule,
      ThreadTeam team) {
    this(weights, start, allocation, sparsity, rule, ScoreGradient.straightThrough(), false, team);
    weights.apply(masks());
  }

  /**
   * With another gradient; the mask that the scores select is applied already.
   *
   * @param weightsMove whether another learner moves the weights and so has to know the mask
   */
  public ScoreLearner(
      EffectiveWeights weights,
      Scores start,
      Allocation allocation,
      Sparsity sparsity,
      UpdateRule rule,
      ScoreGradient gradient,
      boolean weightsMove,
      ThreadTeam team) {
    this.weights = weights;
    this.network = weights.network();
    this.rule = rule;
    this.gradient = gradient;
    notesMask = weightsMove || gradient.usesMask();
    this.team = team;
    this.allocation = allocation;
    this.sparsity = sparsity;
    Layout layout = network.layout();
    scores = new HostFloats(layout.size());
    scores.set(start.values());
    slots = new float[rule.slots().size()][layout.size()];
    pieces = Scratch.pieces(layout);
    scratches = Scratch.perWorker(team);
    accesses = Tensors.accesses(network);
    threshold =
        allocation instanceof GroupedAllocation
            ? new RunningThreshold(
                layout, ((GroupedAllocation) allocation).groups(layout, sparsity), team)
            : new RunningThreshold(layout, List.of(), team);
  }

  @Override
  public MaskSet masks() {
    Scores magnitudes = magnitudes();
    return allocation instanceof GroupedAllocation
        ? Selection.largest(magnitudes, threshold.groups(), Selection.Order.MAGNITUDE)
        : Problem.given(
            allocation.allocate(magnitudes, sparsity),
            allocation.describe() + " at sparsity " + sparsity,
            "what Allocation.allocate gives");
  }

  /** How often a group's selection had to be made anew from all scores, the first one included. */
  public int misses() {
    return threshold.misses();
  }

  private Scores magnitudes() {
    float[] values = scores.toArray();
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.abs(values[i]);
    }
    return Scores.of(network.layout(), values);
  }

  /** The present scores c, signed; a copy. */
  @Override
  public Scores scores() {
    return Scores.of(network.layout(), scores.toArray());
  }

  @Override
  public List<NDArray> trained() {
    return IntStream.range(0, network.layout().tensors()).mapToObj(network::weight).toList();
  }

  @Override
  public void step(double rate, boolean idle) {
    long t = ++updates[0];
    boolean[] invalid = new boolean[team.threads()];
    MaskSet masks = weights.masks();
    try (Tensors tensors = new Tensors(network, accesses)) {
      threshold.begin();
      team.run(
          pieces.size(),
          network.layout().size(),
          (worker, from, to) -> {
            for (int i = from; i < to; i++) {
              invalid[worker] |=
                  step(worker, scratches[worker], pieces.get(i), masks, tensors, rate, t, idle);
            }
          });
      for (boolean bad : invalid) {
        if (bad) {
          throw notANumber();
        }
      }
      threshold.finish(scores, weights.theta(), tensors);
      tensors.flush();
    }
    if (notesMask || !(allocation instanceof GroupedAllocation)) {
      weights.apply(masks());
    }
  }

  /** One piece: gradient, update, and w for every entry that is surely in or out. */
  private boolean step(
      int worker,
      Scratch s,
      Scratch.Piece piece,
      MaskSet masks,
      Tensors tensors,
      double rate,
      long t,
      boolean idle) {
    int n = piece.length();
    HostFloats slopes = tensors.gradient(piece.tensor());
    scores.floats().get(piece.flat(), s.value, 0, n);
    weights.theta().floats().get(piece.flat(), s.theta, 0, n);
    if (idle) {
      System.arraycopy(Scratch.ZEROS, 0, s.gradient, 0, n);
    } else {
      slopes.floats().get(piece.from(), s.gradient, 0, n);
      if (gradient.usesMask()) {
        s.expand(masks.get(network.layout().path(piece.tensor())), piece);
      }
      gradient.apply(s.gradient, s.theta, s.value, s.keep, n);
    }
    slopes.floats().put(piece.from(), Scratch.ZEROS, 0, n);
    rule.update(s.value, s.gradient, slots, piece.flat(), n, rate, t);
    scores.floats().put(piece.flat(), s.value, 0, n);
    scores.bits().get(piece.flat(), s.bits, 0, n);
    weights.theta().bits().get(piece.flat(), s.out, 0, n);
    for (int i = 0; i < n; i++) {
      s.bits[i] &= Integer.MAX_VALUE;
    }
    int largest = Overflow.largest(s.bits, n);
    threshold.sweep(worker, piece, s.bits, s.out);
    tensors.weight(piece.tensor()).bits().put(piece.from(), s.out, 0, n);
    return !Overflow.isNumber(largest);
  }

  private IllegalStateException notANumber() {
    float[] values = scores.toArray();
    int at = 0;
    while (!Float.isNaN(values[at])) {
      at++;
    }
    int tensor = 0;
    while (network.layout().offset(tensor + 1) <= at) {
      tensor++;
    }
    return Problem.state(
        "score is not a number",
        network.layout().path(tensor) + "[" + (at - network.layout().offset(tensor)) + "]",
        "a number",
        "NaN after update " + updates[0],
        "lower the learning rate of the scores");
  }

  @Override
  public void visit(LearnerVisitor visitor) {
    visitor.counters("updates", updates);
    visitor.flat("score", network.layout(), scores);
    for (int i = 0; i < slots.length; i++) {
      visitor.flat(rule.slots().get(i), network.layout(), slots[i]);
    }
  }
}
