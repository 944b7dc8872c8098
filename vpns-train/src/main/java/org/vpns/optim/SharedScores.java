package org.vpns.optim;

import java.util.BitSet;
import org.vpns.MaskSet;
import org.vpns.ScoringContext;

/**
 * Scores that several weights share, such as one for each channel: a score is a gate, which while
 * it is open leaves the weights behind it as they are, and while it is closed makes them 0.
 *
 * <pre>
 * w = theta * h,  h_u = 1 if |s_u| is among those selected, else 0
 * dL/ds_u = sign(s_u) * sum over the weights behind gate u of dL/dw * theta
 * </pre>
 *
 * for open and closed gates alike: as {@link ScoreGradient#straightThrough}, which they are with a
 * gate for each weight. A value: it holds options, no state of a run.
 */
public interface SharedScores {
  /**
   * The gates in a network. They follow from what it is made of, not from its weights: a run that
   * is resumed opens them on other weights.
   *
   * @throws IllegalArgumentException if the network cannot have them
   */
  Gates open(ScoringContext context);

  /** In words, with all options. */
  String describe();

  /** Gates of one network, each with a number from 0. */
  interface Gates {
    /** How many there are. */
    int count();

    /** What a gate belongs to, for messages. */
    String name(int gate);

    /**
     * The scores to start from, signed, one a gate.
     *
     * @param context the weights as they are when learning begins
     */
    float[] start(ScoringContext context);

    /**
     * Which gates are open.
     *
     * @param magnitudes |s|, one a gate, none of them NaN; larger is more important
     */
    BitSet select(float[] magnitudes);

    /** The mask of the network's prunable weights under which these gates are open. */
    MaskSet masks(BitSet open);

    /**
     * The mask when learning has ended: weights that nothing reads any more may go as well;
     * default: the mask as it is.
     *
     * @param masks of some open gates
     */
    default MaskSet settled(MaskSet masks) {
      return masks;
    }

    /**
     * Adds up a piece of one prunable tensor, gate by gate. Of a weight behind several gates, one
     * gets its share if all the others are open: the product of gates has no other slope.
     *
     * @param tensor number of the tensor in the layout
     * @param from its first entry in the piece, row-major
     * @param products dL/dw * theta of the entries; used as scratch
     * @param n how many entries
     * @param open the gates that are open
     * @param sums one a gate
     */
    void add(int tensor, int from, float[] products, int n, BitSet open, double[] sums);
  }
}
