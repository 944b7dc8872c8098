package org.vpns.internal.learn;

import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.internal.network.HostFloats;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.TensorMemory;

/**
 * The true weights theta of the prunable tensors and the mask m; the network's own parameters hold
 * w = m * theta, removed entries exactly 0.0.
 */
public final class EffectiveWeights {
  private final Network network;
  private final HostFloats theta;
  private MaskSet masks;

  /** Takes the network's present weights as theta, with nothing masked. */
  public EffectiveWeights(Network network) {
    this.network = network;
    theta = new HostFloats(network.layout().size());
    masks = MaskSet.ones(network.layout());
    readTheta();
  }

  /** Takes the network's present weights as theta; the mask stays. */
  public void readTheta() {
    Layout layout = network.layout();
    for (int i = 0; i < layout.tensors(); i++) {
      HostFloats from = TensorMemory.open(network.weight(i)).host();
      theta.floats().put(layout.offset(i), from.floats(), 0, layout.size(i));
    }
  }

  /** The network. */
  public Network network() {
    return network;
  }

  /** The true weights, in flat order. */
  public HostFloats theta() {
    return theta;
  }

  /** The mask that was applied last. */
  public MaskSet masks() {
    return masks;
  }

  /** Sets the mask and writes w = m * theta into the network. */
  public void apply(MaskSet newMasks) {
    newMasks.requireFits(network.layout());
    masks = newMasks;
    Layout layout = network.layout();
    Scratch scratch = new Scratch();
    TensorMemory[] memories = new TensorMemory[layout.tensors()];
    for (int i = 0; i < memories.length; i++) {
      memories[i] = TensorMemory.open(network.weight(i));
    }
    for (Scratch.Piece piece : Scratch.pieces(layout)) {
      scratch.expand(masks.get(layout.path(piece.tensor())), piece);
      theta.bits().get(piece.flat(), scratch.out, 0, piece.length());
      for (int i = 0; i < piece.length(); i++) {
        scratch.out[i] &= scratch.keep[i];
      }
      memories[piece.tensor()].host().bits().put(piece.from(), scratch.out, 0, piece.length());
    }
    for (TensorMemory memory : memories) {
      memory.flush();
    }
  }

  /**
   * Sets true weights off the given mask to zero, those of frozen tensors left out; the network's
   * parameters stay.
   */
  public void forget(MaskSet remembered) {
    Scratch scratch = new Scratch();
    for (Scratch.Piece piece : Scratch.pieces(network.layout())) {
      if (!network.isFrozen(piece.tensor())) {
        keepOnly(remembered, piece, scratch);
      }
    }
  }

  private void keepOnly(MaskSet kept, Scratch.Piece piece, Scratch scratch) {
    scratch.expand(kept.get(network.layout().path(piece.tensor())), piece);
    theta.bits().get(piece.flat(), scratch.out, 0, piece.length());
    for (int i = 0; i < piece.length(); i++) {
      scratch.out[i] &= scratch.keep[i];
    }
    theta.bits().put(piece.flat(), scratch.out, 0, piece.length());
  }

  /**
   * Replaces some of the true weights, those of frozen tensors left out; the network's parameters
   * stay.
   *
   * @param chosen the entries to replace
   * @param values in flat order; those of other entries are not looked at
   */
  public void set(MaskSet chosen, float[] values) {
    Layout layout = network.layout();
    for (int i = 0; i < layout.tensors(); i++) {
      Mask mask = chosen.get(layout.path(i));
      boolean moves = !network.isFrozen(i);
      for (int j = 0; j < mask.size() && moves; j++) {
        if (mask.isKept(j)) {
          theta.floats().put(layout.offset(i) + j, values[layout.offset(i) + j]);
        }
      }
    }
  }
}
