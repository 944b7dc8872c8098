package org.vpns.testing;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Arrays;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.io.SafeTensors;

/**
 * The small residual network of the fixtures, for images N x 3 x 32 x 32 already normalised: 20
 * classes, 7 prunable tensors with 5,272 weights, parameter paths as in torch.
 */
public final class TinyResNet extends AbstractBlock {
  /** Classes of the network's output. */
  public static final int SOURCE_CLASSES = 20;

  /** Classes of the fixture's labels. */
  public static final int TARGET_CLASSES = 5;

  /** Normalisation of the fixture runs, by channel. */
  private static final float[] MEAN = {0.485f, 0.456f, 0.406f};

  private static final float[] STD = {0.229f, 0.224f, 0.225f};

  private static final float[] IMAGES = Fixtures.tinyresnet().floats("images");
  private static final long[] LABELS = Fixtures.tinyresnet().longs("labels");

  private final Block conv1 = addChildBlock("conv1", conv(8, 3, 1));
  private final Block bn1 = addChildBlock("bn1", BatchNorm.builder().build());
  private final Block layer1 =
      addChildBlock("layer1", new SequentialBlock().add(new Basic(8, 1, false)));
  private final Block layer2 =
      addChildBlock("layer2", new SequentialBlock().add(new Basic(16, 2, true)));
  private final Block fc = addChildBlock("fc", Linear.builder().setUnits(SOURCE_CLASSES).build());

  /** A network without values; see {@link #newModel()}. */
  public TinyResNet() {
    super((byte) 1);
  }

  /** A model with the fixture's weights and statistics; the caller closes it. */
  public static Model newModel() {
    Model model = Model.newInstance("tinyresnet");
    TinyResNet block = new TinyResNet();
    block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 3, 32, 32));
    SafeTensors weights = Fixtures.tinyresnet();
    for (NamedParameter p : ParameterPaths.of(block)) {
      p.parameter().getArray().set(weights.floats("model." + p.path()));
    }
    model.setBlock(block);
    return model;
  }

  /** Normalisation mean by channel; a copy. */
  public static float[] mean() {
    return MEAN.clone();
  }

  /** Normalisation standard deviation by channel; a copy. */
  public static float[] std() {
    return STD.clone();
  }

  /** Images of fixture batch 0..7, (16, 3, 24, 24) in [0, 1], flat. */
  public static float[] images(int batch) {
    int size = IMAGES.length / 8;
    return Arrays.copyOfRange(IMAGES, batch * size, (batch + 1) * size);
  }

  /** Labels of fixture batch 0..7, 16 values in 0..4. */
  public static long[] labels(int batch) {
    return Arrays.copyOfRange(LABELS, batch * 16, (batch + 1) * 16);
  }

  /**
   * Plain network input of fixture batch 0..7, (16, 3, 32, 32) flat: the images with 4 zeros on
   * each side, then normalised.
   */
  public static float[] plainInput(int batch) {
    float[] images = images(batch);
    float[] input = new float[16 * 3 * 32 * 32];
    for (int plane = 0; plane < 16 * 3; plane++) {
      int channel = plane % 3;
      for (int row = 0; row < 32; row++) {
        for (int column = 0; column < 32; column++) {
          boolean inside = row >= 4 && row < 28 && column >= 4 && column < 28;
          float pixel = inside ? images[(plane * 24 + row - 4) * 24 + column - 4] : 0;
          input[(plane * 32 + row) * 32 + column] = (pixel - MEAN[channel]) / STD[channel];
        }
      }
    }
    return input;
  }

  private static Block conv(int filters, int kernel, int stride) {
    int pad = kernel / 2;
    return Conv2d.builder()
        .setFilters(filters)
        .setKernelShape(new Shape(kernel, kernel))
        .optStride(new Shape(stride, stride))
        .optPadding(new Shape(pad, pad))
        .optBias(false)
        .build();
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDList x = bn1.forward(store, conv1.forward(store, inputs, training), training);
    x = layer1.forward(store, Activation.relu(x), training);
    NDArray maps = layer2.forward(store, x, training).singletonOrThrow();
    NDArray pooled = maps.mean(new int[] {3}).mean(new int[] {2});
    return fc.forward(store, new NDList(pooled), training);
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {new Shape(inputShapes[0].get(0), SOURCE_CLASSES)};
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
    Shape[] shape = inputShapes;
    for (Block block : new Block[] {conv1, bn1, layer1, layer2}) {
      block.initialize(manager, type, shape);
      shape = block.getOutputShapes(shape);
    }
    fc.initialize(manager, type, new Shape(shape[0].get(0), shape[0].get(1)));
  }

  /** Two 3x3 convolutions and a shortcut. */
  private static final class Basic extends AbstractBlock {
    private final Block conv1;
    private final Block bn1;
    private final Block conv2;
    private final Block bn2;
    private final Block downsample;

    Basic(int filters, int stride, boolean project) {
      super((byte) 1);
      conv1 = addChildBlock("conv1", conv(filters, 3, stride));
      bn1 = addChildBlock("bn1", BatchNorm.builder().build());
      conv2 = addChildBlock("conv2", conv(filters, 3, 1));
      bn2 = addChildBlock("bn2", BatchNorm.builder().build());
      downsample =
          project
              ? addChildBlock(
                  "downsample",
                  new SequentialBlock()
                      .add(conv(filters, 1, stride))
                      .add(BatchNorm.builder().build()))
              : null;
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      NDList shortcut = downsample == null ? inputs : downsample.forward(store, inputs, training);
      NDList y = bn1.forward(store, conv1.forward(store, inputs, training), training);
      y = bn2.forward(store, conv2.forward(store, Activation.relu(y), training), training);
      NDArray sum = y.singletonOrThrow().add(shortcut.singletonOrThrow());
      return new NDList(Activation.relu(sum));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return conv2.getOutputShapes(conv1.getOutputShapes(inputShapes));
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
      conv1.initialize(manager, type, inputShapes);
      Shape[] inner = conv1.getOutputShapes(inputShapes);
      bn1.initialize(manager, type, inner);
      conv2.initialize(manager, type, inner);
      bn2.initialize(manager, type, inner);
      if (downsample != null) {
        downsample.initialize(manager, type, inputShapes);
      }
    }
  }
}
