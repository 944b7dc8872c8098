package org.vpns.predict;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.LabelAssignment;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.Problem;
import org.vpns.internal.network.MultiplyAdds;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.ValueCheck;
import org.vpns.report.LayerRecord;
import org.vpns.report.PruneReport;

/** A result without a run: masks from elsewhere on a network as it is. */
final class GivenMasks {
  private static final String NAME = "given masks";

  private GivenMasks() {}

  /**
   * Checks everything, then prunes.
   *
   * @param mapping null = class i is output i
   */
  static PrunedModel prune(
      Model model,
      MaskSet masks,
      ImageInput input,
      @Nullable LabelAssignment mapping,
      List<String> classNames) {
    masks.requireFits(model);
    ParameterFilter filter = ParameterFilter.paths(masks.asMap().keySet());
    try (Network network = Network.open(model, filter)) {
      ValueCheck.require(network);
      Shape image = new Shape(input.channels(), input.height(), input.width());
      int outputs = network.outputs(new Shape(1).addAll(image));
      LabelAssignment classes = mapping == null ? identity(outputs, classNames) : mapping;
      requireClasses(classes, outputs, classNames);
      MaskSet inOrder = masks.inOrderOf(network.layout());
      PruneReport report = report(network, inOrder, classes);
      MultiplyAdds.Count count = MultiplyAdds.of(network, image, inOrder);
      if (count != null) {
        report = report.multiplyAdds(count.dense(), count.kept());
      }
      inOrder.applyTo(model);
      return new PrunedModel(
          model,
          inOrder,
          input,
          null,
          classes,
          classNames,
          filter,
          report,
          null,
          model.getNDManager().newSubManager());
    }
  }

  private static LabelAssignment identity(int outputs, List<String> classNames) {
    if (classNames.size() != outputs) {
      throw Problem.argument(
          "class names do not fit the network",
          "PrunedModel.of",
          outputs + " names, one for each output",
          classNames.size(),
          "name every output, or pass the LabelAssignment that says which outputs are classes");
    }
    return LabelAssignment.of(
        outputs, IntStream.range(0, outputs).mapToObj(i -> new int[] {i}).toArray(int[][]::new));
  }

  private static void requireClasses(
      LabelAssignment mapping, int outputs, List<String> classNames) {
    if (mapping.sources() != outputs) {
      throw Problem.argument(
          "label mapping of another network",
          "PrunedModel.of",
          outputs + " outputs",
          mapping.sources(),
          "make it with LabelAssignment.of(" + outputs + ", ...)");
    }
    if (mapping.targets() != classNames.size()) {
      throw Problem.argument(
          "class names do not fit the label mapping",
          "PrunedModel.of",
          mapping.targets() + " names, one for each class",
          classNames.size(),
          "name every class");
    }
  }

  private static PruneReport report(Network network, MaskSet masks, LabelAssignment mapping) {
    List<String> empty =
        masks.asMap().keySet().stream().filter(path -> masks.get(path).kept() == 0).toList();
    List<String> warnings =
        empty.isEmpty()
            ? List.of()
            : List.of(
                (empty.size() == 1 ? "1 layer has" : empty.size() + " layers have")
                    + " no weight left: "
                    + String.join(", ", empty));
    return new PruneReport(
        NAME,
        BigDecimal.valueOf(masks.sparsity())
            .setScale(4, RoundingMode.HALF_EVEN)
            .stripTrailingZeros()
            .toPlainString(),
        0,
        masks.size(),
        masks.kept(),
        network.parameters(),
        LayerRecord.of(masks),
        null,
        null,
        null,
        List.of(),
        mapping.toArray(),
        null,
        warnings,
        Map.of("network", network.fingerprint().substring(0, 16)),
        null);
  }
}
