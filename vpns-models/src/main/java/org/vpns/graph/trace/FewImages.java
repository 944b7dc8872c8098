package org.vpns.graph.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.function.UnaryOperator;
import org.vpns.internal.graph.op.Layers;

/**
 * Runs a layer with weights for some images of a batch only, which are those that are looked at.
 * The others get mixtures of what these have: numbers as large, and different for each image, so
 * that whatever mixes images later is seen as it would be with their own.
 *
 * <p>{@link Layers.Weighted} layers make of each row what they make of it alone, by what they are;
 * they take nearly all of the time of a trace.
 */
final class FewImages {
  /** Shares of the first of two images; no two images are as far from a third. */
  private static final float[] SHARES = {0.71f, 0.38f, 0.17f};

  private final List<Integer> images;
  private final int batch;

  /**
   * @param images positions of the two images that are looked at, rising
   * @param batch how many images there are
   */
  FewImages(List<Integer> images, int batch) {
    this.images = images;
    this.batch = batch;
  }

  /**
   * What a layer makes of a batch whose first axis are the images.
   *
   * @param layer the block's own call
   */
  NDArray run(NDArray x, UnaryOperator<NDArray> layer) {
    try (NDManager scope = x.getManager().newSubManager()) {
      NDList rows = new NDList();
      for (int image : images) {
        rows.add(x.get(new NDIndex().addSliceDim(image, image + 1)));
      }
      rows.attach(scope);
      NDArray few = rows.get(0).concat(rows.get(1), 0);
      few.attach(scope);
      NDArray made = layer.apply(few);
      made.attach(scope);
      Shape shape = made.getShape();
      NDArray flat = made.reshape(images.size(), -1);
      flat.attach(scope);
      NDArray shares = scope.create(shares(), new Shape(batch, images.size()));
      NDArray wide = shares.toType(made.getDataType(), false);
      wide.attach(scope);
      NDArray all = wide.matMul(flat);
      all.attach(scope);
      NDArray result = all.reshape(new Shape(batch).addAll(shape.slice(1)));
      result.attach(x.getManager());
      return result;
    }
  }

  /** By row of the batch; those that are looked at are one image alone. */
  private float[] shares() {
    float[] shares = new float[batch * images.size()];
    int other = 0;
    for (int row = 0; row < batch; row++) {
      int known = images.indexOf(row);
      float share = known < 0 ? SHARES[other++] : 1 - known;
      shares[2 * row] = share;
      shares[2 * row + 1] = 1 - share;
    }
    return shares;
  }
}
