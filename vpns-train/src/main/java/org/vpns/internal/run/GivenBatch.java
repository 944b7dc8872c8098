package org.vpns.internal.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.dataset.Batch;
import java.util.function.BiConsumer;
import org.vpns.LabelAssignment;
import org.vpns.Problem;
import org.vpns.ScoringImages;
import org.vpns.internal.network.Network;

/** One batch of network inputs that the caller has made, labelled with the network's outputs. */
public record GivenBatch(Network network, Batch batch, LabelAssignment mapping)
    implements ScoringImages {
  @Override
  public int size() {
    return Math.toIntExact(batch.getData().head().getShape().get(0));
  }

  @Override
  public int batches() {
    return 1;
  }

  @Override
  public void forEach(BiConsumer<NDArray, NDArray> action) {
    Problem.given(action, "ScoringImages.forEach", "action");
    try (NDScope arrays = new NDScope();
        NDManager scope = network.manager().newSubManager()) {
      arrays.suppressNotUsedWarning();
      long[] labels = BatchCheck.labels(batch, mapping.targets());
      NDArray copy = batch.getData().head().toType(DataType.FLOAT32, true);
      copy.attach(scope);
      action.accept(copy.stopGradient(), scope.create(labels));
    }
  }
}
