package org.vpns.predict;

import ai.djl.Model;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.vpns.ImageInput;
import org.vpns.LabelAssignment;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.Seeds;
import org.vpns.report.Accuracy;
import org.vpns.report.PruneReport;
import org.vpns.testing.TinyResNet;

/** Pruned models made without a run: random masks on the small network of the fixtures. */
final class SmallResult {
  static final List<String> NAMES = List.of("ant", "bee", "cat", "dog", "eel");

  private SmallResult() {}

  /** Each weight is kept with the given probability; the model's removed weights become 0. */
  static PrunedModel prune(Model model, double density, long seed) {
    RandomGenerator random = new Seeds(seed).stream("masks");
    Layout layout = ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights());
    Map<String, Mask> masks = new LinkedHashMap<>();
    for (String path : layout.paths()) {
      masks.put(
          path, Mask.of(layout.shape(layout.indexOf(path)), i -> random.nextDouble() < density));
    }
    return with(model, MaskSet.of(masks));
  }

  /** A pruned model of these masks. */
  static PrunedModel with(Model model, MaskSet masks) {
    masks.applyTo(model);
    int[][] mapping = {{0}, {3}, {1}, {19}, {7}};
    return new PrunedModel(
        model,
        masks,
        ImageInput.of(3, 32, 32).imageSize(24, 24).imageNetNormalisation(),
        null,
        LabelAssignment.of(TinyResNet.SOURCE_CLASSES, mapping, LabelAssignment.Reduction.MEAN),
        NAMES,
        ParameterFilter.weights(),
        report(masks, mapping),
        null,
        model.getNDManager().newSubManager());
  }

  private static PruneReport report(MaskSet masks, int[][] mapping) {
    return new PruneReport(
        "random",
        "0.7",
        7,
        masks.size(),
        masks.kept(),
        masks.size(),
        List.of(),
        null,
        null,
        new Accuracy(10, 7, null),
        List.of(),
        mapping,
        null,
        List.of(),
        Map.of(),
        null);
  }
}
