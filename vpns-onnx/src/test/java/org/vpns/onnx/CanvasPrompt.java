package org.vpns.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Map;
import org.vpns.ImageInput;
import org.vpns.VisualPrompt;
import org.vpns.internal.image.ImagePlacement;

/** A prompt that covers the whole canvas: the definition, word for word. */
final class CanvasPrompt extends AbstractBlock implements VisualPrompt {
  private final ImageInput input;
  private final Parameter delta;

  /** With the given values: channel, row, column. */
  CanvasPrompt(ImageInput input, float[] values, NDManager manager) {
    super((byte) 1);
    this.input = input;
    delta =
        addParameter(Parameter.builder().setName("delta").setType(Parameter.Type.OTHER).build());
    try (NDArray borrowed = manager.create(values, shape())) {
      delta.setArray(borrowed.duplicate());
    }
  }

  private Shape shape() {
    return new Shape(input.channels(), input.height(), input.width());
  }

  @Override
  public String kind() {
    return "canvas";
  }

  @Override
  public Map<String, String> options() {
    return Map.of();
  }

  @Override
  public ImageInput input() {
    return input;
  }

  @Override
  public Parameter delta() {
    return delta;
  }

  @Override
  public int activePixels() {
    return input.height() * input.width();
  }

  @Override
  public boolean[] region() {
    boolean[] all = new boolean[activePixels()];
    java.util.Arrays.fill(all, true);
    return all;
  }

  @Override
  public float[] picture() {
    return delta.getArray().toFloatArray();
  }

  @Override
  public NDList plain(NDList images) {
    return new NDList(ImagePlacement.of(input).apply(images.singletonOrThrow()));
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList images, boolean training, PairList<String, Object> params) {
    ImagePlacement placement = ImagePlacement.of(input);
    NDArray x = placement.place(images.singletonOrThrow());
    NDArray z = x.add(store.getValue(delta, x.getDevice(), training)).clip(0, 1);
    return new NDList(placement.normalise(z));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] shapes) {
    return new Shape[] {new Shape(shapes[0].get(0)).addAll(shape())};
  }
}
