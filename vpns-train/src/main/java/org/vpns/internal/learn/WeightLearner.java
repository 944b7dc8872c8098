package org.vpns.internal.learn;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.internal.network.HostFloats;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.TensorMemory;
import org.vpns.optim.UpdateRule;

/**
 * Moves the true weights along dL/dtheta = dL/dw * m and writes w = m * theta; biases and
 * normalisation move along their own gradients. Removed entries of theta go on decaying, unseen by
 * the network, as in the published procedure.
 *
 * <p>Where the mask moves ({@link #change}), removed entries and their moments are zero and so stay
 * zero under every update rule; or, if asked for, they stay what they were until they return. Of a
 * frozen tensor nothing but the mask ever moves.
 */
public final class WeightLearner implements Learner {
  private final EffectiveWeights weights;
  private final Network network;
  private final UpdateRule rule;
  private final ThreadTeam team;
  private final List<Scratch.Piece> pieces;
  private final Scratch[] scratches;
  private final float[][] slots;
  private final PlainLearner others;
  private final boolean holdsRemoved;
  private final TensorMemory.Access[] accesses;
  private final long[] updates = new long[1];

  /** Learns all trainable parameters of the network. */
  public WeightLearner(EffectiveWeights weights, UpdateRule rule, ThreadTeam team) {
    this(weights, rule, team, PlainLearner.others(weights.network(), rule), false);
  }

  /** Learns the prunable weights alone. */
  public static WeightLearner prunable(EffectiveWeights weights, UpdateRule rule, ThreadTeam team) {
    return new WeightLearner(weights, rule, team, PlainLearner.nothing(rule), false);
  }

  /** Learns all trainable parameters, but holds removed weights as they are. */
  public static WeightLearner holdingRemoved(
      EffectiveWeights weights, UpdateRule rule, ThreadTeam team) {
    return new WeightLearner(
        weights, rule, team, PlainLearner.others(weights.network(), rule), true);
  }

  private WeightLearner(
      EffectiveWeights weights,
      UpdateRule rule,
      ThreadTeam team,
      PlainLearner others,
      boolean holdsRemoved) {
    this.weights = weights;
    this.network = weights.network();
    this.rule = rule;
    this.team = team;
    pieces = Scratch.pieces(network.layout());
    scratches = Scratch.perWorker(team);
    accesses = Tensors.accesses(network);
    slots = new float[rule.slots().size()][network.layout().size()];
    this.others = others;
    this.holdsRemoved = holdsRemoved;
  }

  /**
   * Changes the mask. Moments are zero off the mask and where an entry is fresh; so are the true
   * weights, but those that are held stay off the mask, and fresh ones may start elsewhere.
   *
   * @param masks the mask from now on
   * @param fresh of its entries those that begin anew
   * @param start true weights of the fresh entries, in flat order; null = zero
   */
  public void change(MaskSet masks, MaskSet fresh, float @Nullable [] start) {
    MaskSet going = masks.andNot(fresh);
    Layout layout = network.layout();
    for (float[] slot : slots) {
      for (int i = 0; i < layout.tensors(); i++) {
        Mask kept = going.get(layout.path(i));
        int offset = layout.offset(i);
        for (int j = 0; j < layout.size(i); j++) {
          slot[offset + j] = kept.isKept(j) ? slot[offset + j] : 0;
        }
      }
    }
    weights.forget(holdsRemoved ? fresh.not() : going);
    if (start != null) {
      weights.set(fresh, start);
    }
    weights.apply(masks);
  }

  @Override
  public List<NDArray> trained() {
    List<NDArray> arrays = new ArrayList<>();
    IntStream.range(0, network.layout().tensors()).mapToObj(network::weight).forEach(arrays::add);
    arrays.addAll(others.trained());
    return arrays;
  }

  @Override
  public void step(double rate, boolean idle) {
    long t = ++updates[0];
    Layout layout = network.layout();
    boolean[] invalid = new boolean[team.threads()];
    try (Tensors tensors = new Tensors(network, accesses)) {
      Mask[] masks = new Mask[layout.tensors()];
      for (int i = 0; i < masks.length; i++) {
        masks[i] = weights.masks().get(layout.path(i));
      }
      team.run(
          pieces.size(),
          layout.size(),
          (worker, from, to) -> {
            for (int i = from; i < to; i++) {
              Scratch.Piece piece = pieces.get(i);
              Mask mask = masks[piece.tensor()];
              invalid[worker] |= !step(scratches[worker], piece, mask, tensors, rate, t, idle);
            }
          });
      tensors.flush();
    }
    for (boolean bad : invalid) {
      if (bad) {
        throw Overflow.in(layout, weights.theta(), t);
      }
    }
    others.step(rate, idle);
  }

  /** One piece; false if it has a true weight that is not finite. */
  private boolean step(
      Scratch s,
      Scratch.Piece piece,
      Mask mask,
      Tensors tensors,
      double rate,
      long t,
      boolean idle) {
    int n = piece.length();
    HostFloats gradient = tensors.gradient(piece.tensor());
    if (network.isFrozen(piece.tensor())) {
      gradient.floats().put(piece.from(), Scratch.ZEROS, 0, n);
      return true;
    }
    s.expand(mask, piece);
    if (idle) {
      System.arraycopy(Scratch.ZEROS, 0, s.gradient, 0, n);
    } else {
      gradient.bits().get(piece.from(), s.bits, 0, n);
      for (int i = 0; i < n; i++) {
        s.bits[i] &= s.keep[i];
      }
      s.exchange.bits().put(0, s.bits, 0, n);
      s.exchange.floats().get(0, s.gradient, 0, n);
    }
    gradient.floats().put(piece.from(), Scratch.ZEROS, 0, n);
    HostFloats theta = weights.theta();
    theta.floats().get(piece.flat(), s.value, 0, n);
    if (holdsRemoved) {
      theta.bits().get(piece.flat(), s.bits, 0, n);
      hide(s, n);
    }
    rule.update(s.value, s.gradient, slots, piece.flat(), n, rate, t);
    theta.floats().put(piece.flat(), s.value, 0, n);
    theta.bits().get(piece.flat(), s.out, 0, n);
    int largest = Overflow.largest(s.out, n);
    for (int i = 0; i < n; i++) {
      s.out[i] &= s.keep[i];
    }
    if (holdsRemoved) {
      for (int i = 0; i < n; i++) {
        s.bits[i] = s.out[i] | s.bits[i] & ~s.keep[i];
      }
      theta.bits().put(piece.flat(), s.bits, 0, n);
    }
    tensors.weight(piece.tensor()).bits().put(piece.from(), s.out, 0, n);
    return Overflow.isFinite(largest);
  }

  /** Shows the update rule zeros in place of removed weights, so that nothing of them decays. */
  private static void hide(Scratch s, int n) {
    for (int i = 0; i < n; i++) {
      s.out[i] = s.bits[i] & s.keep[i];
    }
    s.exchange.bits().put(0, s.out, 0, n);
    s.exchange.floats().get(0, s.value, 0, n);
  }

  @Override
  public void visit(LearnerVisitor visitor) {
    visitor.counters("updates of prunable weights", updates);
    for (int i = 0; i < slots.length; i++) {
      visitor.flat(rule.slots().get(i), network.layout(), slots[i]);
    }
    others.visit(visitor);
  }
}
