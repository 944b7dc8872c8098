package org.vpns.allocate;

import java.util.List;
import java.util.stream.IntStream;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.Scores;
import org.vpns.Sparsity;
import org.vpns.internal.text.Texts;
import org.vpns.select.GroupedAllocation;
import org.vpns.select.Selection;
import org.vpns.select.TensorGroup;

/**
 * Each parameter keeps its own density, whatever its scores are beside those of others. The counts
 * are the shares {@code d_l n_l} rounded by the largest fraction, so that all together are exactly
 * {@link Sparsity#keep}. With random scores this is layer-wise random pruning.
 */
final class LayerwiseAllocation implements GroupedAllocation {
  private final LayerDensities densities;

  LayerwiseAllocation(LayerDensities densities) {
    this.densities = densities;
  }

  private int[] counts(Layout layout, Sparsity sparsity, int[] room) {
    return Apportionment.counts(
        layout,
        Problem.given(densities.of(layout, sparsity), describe(), "what LayerDensities.of gives"),
        room,
        sparsity.keep(layout.size()),
        describe() + " at sparsity " + sparsity);
  }

  @Override
  public List<TensorGroup> groups(Layout layout, Sparsity sparsity) {
    Problem.given(layout, "GroupedAllocation.groups", "layout");
    Problem.given(sparsity, "GroupedAllocation.groups", "sparsity");
    int[] sizes = IntStream.range(0, layout.tensors()).map(layout::size).toArray();
    return FixedCounts.groups(counts(layout, sparsity, sizes));
  }

  /**
   * {@inheritDoc}
   *
   * <p>Rounding, or a density that rises with the sparsity, can ask for more of a parameter than
   * survives: then it keeps all that does, and the others make up for it. The total stays exact.
   */
  @Override
  public MaskSet allocateWithin(MaskSet survivors, Scores scores, Sparsity sparsity) {
    Problem.given(survivors, "Allocation.allocateWithin", "survivors");
    Problem.given(scores, "Allocation.allocateWithin", "scores");
    Problem.given(sparsity, "Allocation.allocateWithin", "sparsity");
    Layout layout = scores.layout();
    Scores nested = scores.nested(survivors);
    int[] room = layout.paths().stream().mapToInt(path -> survivors.get(path).kept()).toArray();
    List<TensorGroup> groups = FixedCounts.groups(counts(layout, sparsity, room));
    return Selection.largest(nested, groups, Selection.Order.VALUE);
  }

  @Override
  public String describe() {
    return Texts.own(densities.describe(), densities, "LayerDensities");
  }

  @Override
  public String toString() {
    return describe();
  }
}
