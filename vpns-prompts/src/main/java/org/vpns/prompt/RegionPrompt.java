package org.vpns.prompt;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.vpns.ImageInput;
import org.vpns.Problem;
import org.vpns.VisualPrompt;
import org.vpns.internal.image.ImagePlacement;

/**
 * Every visual prompt: the definition in {@link VisualPrompt} with a {@link Region} as R.
 *
 * <p>Only the region's pixels are stored. That equals a full canvas times R for every optimiser
 * that treats coordinates one by one: values outside R would start at 0 and get neither gradient
 * nor decay.
 */
final class RegionPrompt extends AbstractBlock implements VisualPrompt {
  private final Form form;
  private final Region region;
  private final ImageInput input;
  private final ImagePlacement placement;
  private final Parameter delta;
  private final RandomGenerator own;
  private boolean drawnByCaller;

  RegionPrompt(
      Form form, Region region, ImageInput input, NDManager manager, RandomGenerator random) {
    this.form = form;
    this.region = region;
    this.input = input;
    this.placement = ImagePlacement.of(input);
    float[] start = new float[input.channels() * region.storedPixels()];
    for (int i = 0; i < start.length && form.randomStart(); i++) {
      start[i] = (float) random.nextGaussian();
    }
    Shape shape = new Shape(start.length);
    delta =
        Parameter.builder()
            .setName("delta")
            .setType(Parameter.Type.OTHER)
            .optInitializer(Initializer.ZEROS)
            .optShape(shape)
            .optArray(manager.create(start, shape))
            .build();
    delta.getArray().setName("delta");
    if (start.length > 0) {
      addParameter(delta);
    }
    own = RandomGeneratorFactory.of("L64X128MixRandom").create(random.nextLong());
    initialize(
        manager,
        DataType.FLOAT32,
        new Shape(1, input.channels(), input.imageHeight(), input.imageWidth()));
  }

  /** The values too where they are none, and so no parameter of the block. */
  @Override
  public void clear() {
    super.clear();
    delta.close();
  }

  private boolean isEmpty() {
    return region.storedPixels() == 0;
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore parameterStore,
      NDList images,
      boolean training,
      PairList<String, Object> params) {
    if (isEmpty()) {
      return plain(images);
    }
    NDArray x = images.singletonOrThrow();
    int batch = Math.toIntExact(x.getShape().get(0));
    if (training && !drawnByCaller) {
      region.draw(own, batch);
    }
    NDArray placed = placement.place(x);
    try (NDManager scope = x.getManager().newSubManager()) {
      NDArray values = activated(parameterStore.getValue(delta, x.getDevice(), training));
      values.attach(scope);
      NDArray z = placed.add(picture(values, training, batch));
      z.attach(scope);
      NDArray y = z.clip(0, 1);
      NDArray out = placement.normalise(y);
      if (placed != x) {
        placed.attach(scope);
      }
      if (out != y) {
        y.attach(scope);
      }
      out.attach(x.getManager());
      return new NDList(out);
    }
  }

  private NDArray picture(NDArray values, boolean training, int batch) {
    return Problem.given(
        region.picture(values, training, batch), form.describe(), "what Region.picture gives");
  }

  /** a(delta), behind a handle of its own. (A duplicate would be cut off from the gradient.) */
  private NDArray activated(NDArray values) {
    return form.sigmoid() ? Activation.sigmoid(values) : values.reshape(values.getShape());
  }

  @Override
  public NDList plain(NDList images) {
    Problem.given(images, "VisualPrompt.plain", "images");
    return new NDList(placement.apply(images.singletonOrThrow()));
  }

  @Override
  public void draw(RandomGenerator random, int batchSize) {
    Problem.given(random, "VisualPrompt.draw", "random");
    region.draw(random, batchSize);
    drawnByCaller = true;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    Shape shape = inputShapes[0];
    if (inputShapes.length != 1
        || shape.dimension() != 4
        || (shape.get(1) != input.channels() && shape.get(1) >= 0)) {
      throw Problem.argument(
          "images do not fit the prompt",
          form.describe(),
          "one array (batch, " + input.channels() + ", height, width)",
          Arrays.toString(inputShapes),
          "make the prompt for the network's input");
    }
    return new Shape[] {new Shape(shape.get(0), input.channels(), input.height(), input.width())};
  }

  @Override
  public String kind() {
    return form.kind();
  }

  @Override
  public Map<String, String> options() {
    Map<String, String> options = form.stored();
    options.putAll(region.options());
    return options;
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
    return region.activePixels();
  }

  @Override
  public boolean[] region() {
    return region.mask();
  }

  @Override
  public float[] picture() {
    if (isEmpty()) {
      return new float[input.channels() * input.height() * input.width()];
    }
    NDArray array = Problem.open(delta.getArray(), "VisualPrompt.picture");
    try (NDManager scope = array.getManager().newSubManager()) {
      NDArray values = activated(array);
      values.attach(scope);
      return picture(values, false, 1).toFloatArray();
    }
  }

  @Override
  public void saveParameters(DataOutputStream os) throws IOException {
    os.writeByte(version);
    StoredValues.write(os, identity(), isEmpty() ? new float[0] : delta.getArray().toFloatArray());
  }

  @Override
  public void loadParameters(NDManager manager, DataInputStream is)
      throws IOException, MalformedModelException {
    float[] values = StoredValues.read(is, version, identity(), Math.toIntExact(parameterCount()));
    if (isEmpty()) {
      return;
    }
    delta.initialize(manager, DataType.FLOAT32);
    StoredValues.set(delta.getArray(), values);
  }

  /** What a stored prompt must agree with. */
  private String identity() {
    return kind() + " " + options() + " on " + input;
  }

  @Override
  public String toString() {
    return form.describe() + " on " + input;
  }
}
