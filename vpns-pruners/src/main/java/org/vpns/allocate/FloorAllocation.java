package org.vpns.allocate;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.vpns.Allocation;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.Scores;
import org.vpns.Sparsity;
import org.vpns.select.Selection;
import org.vpns.select.TensorGroup;

/**
 * Global selection with a floor per parameter: first the best of each parameter up to the floor,
 * then the best of all that remain. Where the plain global selection already satisfies the floors
 * both give the same masks.
 */
final class FloorAllocation implements Allocation {
  private final int floor;

  FloorAllocation(int floor) {
    if (floor < 1) {
      throw Problem.argument(
          "floor out of range",
          "Allocations.globalWithFloor",
          "at least 1 weight",
          floor,
          "take Allocations.global() for no floor");
    }
    this.floor = floor;
  }

  @Override
  public MaskSet allocate(Scores scores, Sparsity sparsity) {
    Problem.given(scores, "Allocation.allocate", "scores");
    Problem.given(sparsity, "Allocation.allocate", "sparsity");
    Layout layout = scores.layout();
    List<TensorGroup> floors = new ArrayList<>();
    long guaranteed = 0;
    for (int i = 0; i < layout.tensors(); i++) {
      int least = Math.min(floor, layout.size(i));
      floors.add(new TensorGroup(List.of(i), least));
      guaranteed += least;
    }
    long keep = sparsity.keep(layout.size());
    if (guaranteed > keep) {
      throw Problem.argument(
          "budget impossible",
          describe() + " at sparsity " + sparsity,
          "floors of at most " + keep + " of " + layout.size() + " weights in all",
          guaranteed,
          "lower the floor or the sparsity");
    }
    MaskSet best = Selection.largest(scores, floors, Selection.Order.VALUE);
    return best.or(bestOfTheRest(scores, best, keep - guaranteed));
  }

  /** The {@code keep} largest of the scores outside {@code taken}, in the same flat order. */
  private static MaskSet bestOfTheRest(Scores scores, MaskSet taken, long keep) {
    Layout layout = scores.layout();
    float[] rest = new float[Math.toIntExact(layout.size() - taken.kept())];
    int end = 0;
    for (int i = 0; i < layout.tensors(); i++) {
      Mask mask = taken.mask(i);
      for (int j = 0; j < mask.size(); j++) {
        if (!mask.isKept(j)) {
          rest[end++] = scores.get(layout.offset(i) + j);
        }
      }
    }
    String path = "rest";
    Scores restScores = Scores.of(Layout.of(Map.of(path, new Shape(rest.length))), rest);
    List<TensorGroup> one = List.of(new TensorGroup(List.of(0), keep));
    Mask chosen = Selection.largest(restScores, one, Selection.Order.VALUE).get(path);

    int[] next = {0};
    return MaskSet.of(
        layout,
        i -> {
          Mask mask = taken.mask(i);
          return Mask.of(mask.shape(), j -> !mask.isKept(j) && chosen.isKept(next[0]++));
        });
  }

  @Override
  public String describe() {
    return "global(floor " + floor + ")";
  }

  @Override
  public String toString() {
    return describe();
  }
}
