package org.vpns.testing;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.vpns.LabelAssignment;
import org.vpns.ScoringImages;

/**
 * Two batches of the fixture's images as inputs of {@link TinyResNet}: 16 each, in five classes,
 * for which the first five outputs stand.
 *
 * @param owner whose sub-managers own the arrays
 */
public record TinyImages(NDManager owner) implements ScoringImages {
  @Override
  public int size() {
    return 16 * batches();
  }

  @Override
  public int batches() {
    return 2;
  }

  @Override
  public LabelAssignment mapping() {
    int[][] outputs =
        IntStream.range(0, TinyResNet.TARGET_CLASSES)
            .mapToObj(i -> new int[] {i})
            .toArray(int[][]::new);
    return LabelAssignment.of(TinyResNet.SOURCE_CLASSES, outputs);
  }

  @Override
  public void forEach(BiConsumer<NDArray, NDArray> action) {
    for (int i = 0; i < batches(); i++) {
      try (NDScope arrays = new NDScope();
          NDManager scope = owner.newSubManager()) {
        arrays.suppressNotUsedWarning();
        Shape shape = new Shape(16, 3, 32, 32);
        action.accept(
            scope.create(TinyResNet.plainInput(i), shape).duplicate(),
            scope.create(TinyResNet.labels(i)).duplicate());
      }
    }
  }
}
