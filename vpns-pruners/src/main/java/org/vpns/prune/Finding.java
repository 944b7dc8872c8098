package org.vpns.prune;

import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.train.Stage;

/** What HYDRA and VPNs share in mask finding. */
final class Finding {
  static final String NAME = "find mask";

  /** Adam with decay 1e-4, 1e-4 falling by a cosine per epoch. */
  static final Stage.Motion MOTION =
      new Stage.Motion(UpdateRule.adam().decay(1e-4), LearningRate.cosine(1e-4).perEpoch());

  private Finding() {}
}
