package org.vpns.testing;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.MaskSet;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.predict.PrunedModel;
import org.vpns.report.Cost;
import org.vpns.report.PruneReport;
import org.vpns.report.StageRecord;

/**
 * All that a run leaves behind, as bits that can be compared; of the report everything but times.
 */
public record Outcome(
    Map<String, List<Integer>> parameters,
    List<Integer> logits,
    MaskSet masks,
    List<Integer> prompt,
    String mapping,
    List<Integer> scores,
    String report) {

  public static Outcome of(PrunedModel pruned) {
    return new Outcome(
        parameters(pruned.model()),
        logits(pruned.model()),
        pruned.masks(),
        pruned.prompt() == null
            ? List.of()
            : bits(pruned.prompt().delta().getArray().toFloatArray()),
        pruned.mapping().toString(),
        pruned.scores() == null ? List.of() : bits(pruned.scores().values()),
        timeless(pruned.report()).toJson());
  }

  /** Bits of all parameters and statistics that are visible. */
  public static Map<String, List<Integer>> parameters(Model model) {
    Map<String, List<Integer>> parameters = new LinkedHashMap<>();
    for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
      parameters.put(p.path(), bits(p.parameter().getArray().toFloatArray()));
    }
    return parameters;
  }

  /** Bits of the logits of one batch in evaluation mode: a module's statistics show here alone. */
  public static List<Integer> logits(Model model) {
    return bits(
        Engines.evaluate(model.getBlock(), TinyResNet.plainInput(3), new Shape(16, 3, 32, 32)));
  }

  public static List<Integer> bits(float[] values) {
    List<Integer> bits = new ArrayList<>(values.length);
    for (float value : values) {
      bits.add(Float.floatToRawIntBits(value));
    }
    return bits;
  }

  private static PruneReport timeless(PruneReport r) {
    List<StageRecord> stages =
        r.stages().stream()
            .map(
                s ->
                    new StageRecord(
                        s.name(),
                        s.gradientSteps(),
                        s.images(),
                        0,
                        s.losses(),
                        s.epochs(),
                        s.bestEpoch(),
                        s.sparsity(),
                        s.accuracy(),
                        s.explored(),
                        s.forwards(),
                        timeless(s.scoring())))
            .toList();
    return Reports.with(r, stages, r.trainingImages());
  }

  private static @Nullable Cost timeless(@Nullable Cost cost) {
    return cost == null
        ? null
        : new Cost(cost.forwards(), cost.backwards(), cost.doubleBackwards(), cost.images(), 0);
  }
}
