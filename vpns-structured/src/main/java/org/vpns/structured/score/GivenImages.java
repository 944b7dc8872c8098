package org.vpns.structured.score;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.ImmutableLongArray;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.vpns.LabelAssignment;
import org.vpns.Problem;
import org.vpns.ScoringImages;
import org.vpns.graph.ModelGraph;

/** One batch that the caller has, labelled with the network's outputs; the arrays are borrowed. */
record GivenImages(NDArray inputs, ImmutableLongArray labels, LabelAssignment mapping)
    implements ScoringImages {
  static GivenImages of(ModelGraph graph, NDArray inputs, NDArray labels) {
    Shape result = graph.tensor(graph.outputs().get(0)).shape();
    long outputs = result.dimension() == 2 ? result.get(1) : -1;
    if (outputs < 1) {
      throw Problem.argument(
          "network without logits",
          "ChannelContext.images",
          "a result (batch, classes)",
          result,
          "pass ScoringImages with a mapping, or take an importance that needs no images");
    }
    long images = inputs.getShape().dimension() == 0 ? 0 : inputs.getShape().get(0);
    if (images == 0 || labels.size() != images) {
      throw Problem.argument(
          "labels do not fit the images",
          "ChannelContext.images",
          "one label for each of at least 1 image",
          labels.getShape() + " for " + inputs.getShape(),
          "give each image the number of its class");
    }
    long[] numbers;
    try (NDArray integers = labels.toType(DataType.INT64, true)) {
      numbers = integers.toLongArray();
    }
    for (int i = 0; i < numbers.length; i++) {
      if (numbers[i] < 0 || numbers[i] >= outputs) {
        throw Problem.argument(
            "label out of range",
            "ChannelContext.images, image " + i,
            "0 to " + (outputs - 1),
            numbers[i],
            "give the number of the output that stands for the image's class");
      }
    }
    int[][] each =
        IntStream.range(0, Math.toIntExact(outputs))
            .mapToObj(i -> new int[] {i})
            .toArray(int[][]::new);
    return new GivenImages(
        inputs, ImmutableLongArray.copyOf(numbers), LabelAssignment.of(each.length, each));
  }

  @Override
  public int size() {
    return labels.length();
  }

  @Override
  public int batches() {
    return 1;
  }

  @Override
  public void forEach(BiConsumer<NDArray, NDArray> action) {
    Problem.given(action, "ScoringImages.forEach", "action");
    try (NDScope arrays = new NDScope();
        NDManager scope = inputs.getManager().newSubManager()) {
      arrays.suppressNotUsedWarning();
      NDArray handle = inputs.stopGradient();
      handle.attach(scope);
      action.accept(handle, scope.create(labels.toArray()));
    }
  }
}
