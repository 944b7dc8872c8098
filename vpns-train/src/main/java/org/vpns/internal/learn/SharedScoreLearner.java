package org.vpns.internal.learn;

import ai.djl.ndarray.NDArray;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.Scores;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.TensorMemory;
import org.vpns.optim.SharedScores;
import org.vpns.optim.UpdateRule;

/**
 * Learns {@link SharedScores}: h = select(|s|), w = theta * h, dL/ds_u = sign(s_u) * sum of dL/dw *
 * theta behind gate u, with sign(0) = 0. The selection is made anew after each update.
 *
 * <p>Sums are taken in double precision, in the order of the weights: they do not depend on
 * threads.
 */
public final class SharedScoreLearner implements MaskLearner {
  private final EffectiveWeights weights;
  private final Network network;
  private final SharedScores.Gates gates;
  private final UpdateRule rule;
  private final float[] scores;
  private final float[][] slots;
  private final List<Scratch.Piece> pieces;
  private final Scratch scratch = new Scratch();
  private final TensorMemory.Access[] accesses;
  private final long[] updates = new long[1];

  /**
   * Goes on from the given scores.
   *
   * @param weights of the network, under the mask that the scores select
   * @param start signed, one a gate; not copied
   */
  public SharedScoreLearner(
      EffectiveWeights weights, SharedScores.Gates gates, float[] start, UpdateRule rule) {
    this.weights = weights;
    this.network = weights.network();
    this.gates = gates;
    this.rule = rule;
    scores = start;
    slots = new float[rule.slots().size()][start.length];
    pieces = Scratch.pieces(network.layout());
    accesses = Tensors.accesses(network);
  }

  @Override
  public MaskSet masks() {
    return given(gates.masks(open()), "masks");
  }

  @Override
  public MaskSet settled(MaskSet reached) {
    return given(gates.settled(reached), "settled");
  }

  private BitSet open() {
    return given(gates.select(magnitudes(scores)), "select");
  }

  private static <T> T given(@Nullable T part, String from) {
    return Problem.given(part, "SharedScores", "what Gates." + from + " gives");
  }

  /** |s|. */
  public static float[] magnitudes(float[] scores) {
    float[] magnitudes = new float[scores.length];
    for (int i = 0; i < scores.length; i++) {
      magnitudes[i] = Math.abs(scores[i]);
    }
    return magnitudes;
  }

  @Override
  public @Nullable Scores scores() {
    return null;
  }

  @Override
  public List<NDArray> trained() {
    return IntStream.range(0, network.layout().tensors()).mapToObj(network::weight).toList();
  }

  @Override
  public void step(double rate, boolean idle) {
    double[] sums = new double[scores.length];
    BitSet open = open();
    try (Tensors tensors = new Tensors(network, accesses)) {
      for (Scratch.Piece piece : pieces) {
        if (!idle) {
          add(piece, tensors, open, sums);
        }
        tensors
            .gradient(piece.tensor())
            .floats()
            .put(piece.from(), Scratch.ZEROS, 0, piece.length());
      }
      tensors.flush();
    }
    move(sums, rate);
    MaskSet masks = masks();
    if (!masks.equals(weights.masks())) {
      weights.apply(masks);
    }
  }

  private void add(Scratch.Piece piece, Tensors tensors, BitSet open, double[] sums) {
    int n = piece.length();
    tensors.gradient(piece.tensor()).floats().get(piece.from(), scratch.gradient, 0, n);
    weights.theta().floats().get(piece.flat(), scratch.theta, 0, n);
    for (int i = 0; i < n; i++) {
      scratch.gradient[i] *= scratch.theta[i];
    }
    gates.add(piece.tensor(), piece.from(), scratch.gradient, n, open, sums);
  }

  private void move(double[] sums, double rate) {
    float[] slopes = new float[scores.length];
    for (int i = 0; i < slopes.length; i++) {
      slopes[i] = (float) (sums[i] * Math.signum(scores[i]));
    }
    rule.update(scores, slopes, slots, 0, scores.length, rate, ++updates[0]);
    for (int i = 0; i < scores.length; i++) {
      if (Float.isNaN(scores[i])) {
        throw Problem.state(
            "score is not a number",
            gates.name(i),
            "a number",
            "NaN after update " + updates[0],
            "lower the learning rate of the scores");
      }
    }
  }

  @Override
  public void visit(LearnerVisitor visitor) {
    visitor.counters("updates", updates);
    visitor.floats("score", scores, 0, scores.length);
    for (int i = 0; i < slots.length; i++) {
      visitor.floats(rule.slots().get(i), slots[i], 0, slots[i].length);
    }
  }
}
