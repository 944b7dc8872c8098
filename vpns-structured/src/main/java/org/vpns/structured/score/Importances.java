package org.vpns.structured.score;

import org.vpns.Problem;
import org.vpns.structured.ChannelUnit.Role;

/**
 * The importances of this library. In formulas w are the weights of a unit's slice in one member of
 * its group, g the gradient of the mean loss there. But for {@link #random()} all take a {@link
 * Reduction} over members and a {@link Normaliser} of the group, both the mean by default.
 */
public final class Importances {
  private Importances() {}

  /**
   * sum |w|^p, without root (Li, Kadav, Durdanovic, Samet and Graf 2017, "Pruning filters for
   * efficient ConvNets", has p = 1 on filters alone; Fang, Ma, Song, Mi and Wang 2023, "DepGraph:
   * towards any structural pruning", p = 2 on whole groups).
   *
   * @param p above 0
   * @throws IllegalArgumentException if it is not
   */
  public static MemberImportance magnitude(double p) {
    if (!(p > 0 && p < Double.POSITIVE_INFINITY)) {
      throw Problem.argument(
          "exponent out of range", "Importances.magnitude", "a number above 0", p, "pass 1 or 2");
    }
    return new Magnitude(p);
  }

  /** sum |w|. */
  public static MemberImportance l1() {
    return magnitude(1);
  }

  /** sum w^2. */
  public static MemberImportance l2() {
    return magnitude(2);
  }

  /**
   * |gamma|, the scale of a norm, over the norms of the group (Liu, Li, Shen, Huang, Yan and Zhang
   * 2017, "Learning efficient convolutional networks through network slimming"). As published not
   * normalised: {@link Normaliser#NONE}. Each unit that can leave needs a norm; keep layers without
   * one by {@code ChannelRules.keepOutputs}.
   */
  public static MemberImportance normScale() {
    return new Magnitude("norm scale", 1, Role.SCALE).normaliser(Normaliser.NONE);
  }

  /**
   * sum |w g|, what the loss would change to first order, entry by entry (Molchanov, Mallya, Tyree,
   * Frosio and Kautz 2019, "Importance estimation for neural network pruning"). Needs images: one
   * forward and one backward pass.
   */
  public static MemberImportance taylor() {
    return new Taylor(false);
  }

  /** |sum w g|, the same for the slice as a whole: what its entries gain and lose cancels. */
  public static MemberImportance multivariableTaylor() {
    return new Taylor(true);
  }

  /**
   * sum w^2 E[g^2], g here the gradient of a single image's loss and E the mean over images: the
   * diagonal of the Fisher information in place of the Hessian (LeCun, Denker and Solla 1990,
   * "Optimal brain damage"; Liu, Zhang, Kuang, Zhou, Xue and others 2021, "Group Fisher pruning").
   * Needs images: a forward and a backward pass for each.
   */
  public static MemberImportance fisher() {
    return new Fisher();
  }

  /**
   * sum over units v of |r_u - r_v|_2, r_u the slice of u with each weight squared; scales of norms
   * do not count (He, Liu, Wang, Hu and Yang 2019, "Filter pruning via geometric median", on the
   * weights themselves: {@link #rawFpgm()}). Rows 1, 2, 3, 4 score 26, 20, 20, 34. Takes units
   * times weights operations for each member.
   */
  public static MemberImportance fpgm() {
    return new Fpgm("FPGM", w -> w * w);
  }

  /** As published: r_u the slice of u itself. Rows 1, 2, 3, 4 score 6, 4, 4, 6. */
  public static MemberImportance rawFpgm() {
    return new Fpgm("raw FPGM", w -> w);
  }

  /**
   * Size of the channels where they are read: mean |x| over images and space at each convolution,
   * sum |x| over rows at each linear layer; summed over a unit's channels. Needs images: a forward
   * pass. Channels that no weight reads, as queries and keys of attention, have no such score.
   */
  public static MemberImportance activation() {
    return new Activation();
  }

  /**
   * Uniform on [0, 1), from the seed and the positions that make the unit, so that a unit's number
   * does not depend on the others.
   */
  public static ChannelImportance random() {
    return new RandomImportance();
  }
}
