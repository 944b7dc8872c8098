package org.vpns.testing;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.report.PruneReport;
import org.vpns.report.StageRecord;

/** Reports changed in one respect. */
public final class Reports {
  private Reports() {}

  /** The same run with other stages and another number of training images. */
  public static PruneReport with(
      PruneReport r, List<StageRecord> stages, @Nullable Long trainingImages) {
    return new PruneReport(
        r.recipe(),
        r.sparsity(),
        r.seed(),
        r.prunable(),
        r.kept(),
        r.parameters(),
        r.layers(),
        r.dense(),
        r.pruned(),
        r.tuned(),
        stages,
        Arrays.stream(r.mapping()).map(int[]::clone).toArray(int[][]::new),
        r.prompt(),
        r.warnings(),
        r.provenance(),
        trainingImages);
  }
}
