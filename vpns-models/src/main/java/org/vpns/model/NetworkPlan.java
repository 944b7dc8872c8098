package org.vpns.model;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import java.io.IOException;
import java.nio.file.Path;
import org.vpns.Problem;
import org.vpns.internal.network.Engines;
import org.vpns.weights.WeightFile;

/**
 * What a network is made of, before it has weights. Immutable; {@link ResNets}, {@link Vggs},
 * {@link MobileNets} and {@link DenseNets} have the usual ones.
 *
 * <p>Networks take images, (batch, channels, height, width), normalised as their weights want it,
 * and give logits, (batch, classes). Blocks and parameters bear the names of the usual weight
 * files. Any batch size will do, and any image size that is not too small: the input of the plan is
 * the one that is used for initialisation and for counts.
 */
public abstract class NetworkPlan {
  private final Frame frame;

  NetworkPlan(Frame frame) {
    this.frame = frame;
  }

  final Frame frame() {
    return frame;
  }

  /** The name, such as {@code resnet18}. */
  public final String name() {
    return frame.name();
  }

  /** Shape of a batch of one image. */
  public final Shape inputShape() {
    return frame.inputShape();
  }

  /** Number of logits. */
  public final int classes() {
    return frame.classes();
  }

  /**
   * The same network for another number of classes.
   *
   * @throws IllegalArgumentException if the number is below 1
   */
  public NetworkPlan withClasses(int number) {
    return with(frame.withClasses(number));
  }

  /**
   * The same network for images of another size.
   *
   * @throws IllegalArgumentException if a number is below 1, or the images are too small for the
   *     network's pooling
   */
  public NetworkPlan withInput(int channels, int height, int width) {
    return with(frame.withInput(channels, height, width));
  }

  /** The same network in another frame. */
  abstract NetworkPlan with(Frame changed);

  /** A new block without values: initialise it, or use {@link #newModel}. */
  public abstract Block block();

  /**
   * A new model with random weights: every convolution and linear weight normal with mean 0 and
   * variance 2 / fan-in, a stream of its own for each parameter; biases and batch norm as usual (0;
   * 1, 0, 0, 1). The weights depend on seed and parameter path alone. The caller closes it.
   */
  public final Model newModel(String modelName, long seed) {
    Problem.given(modelName, "NetworkPlan.newModel", "modelName");
    Model model = zeroModel(modelName);
    try {
      HeInitialisation.fill(model.getBlock(), seed);
      return model;
    } catch (Throwable failure) {
      model.close();
      throw failure;
    }
  }

  /**
   * A new model of this plan's name with the weights of a file; the caller closes it.
   *
   * @throws IllegalArgumentException if the file is another network's, as {@link WeightFile#load}
   * @throws IOException if the file cannot be read
   */
  public final Model load(Path weights) throws IOException {
    Problem.given(weights, "NetworkPlan.load", "weights");
    Model model = zeroModel(name());
    try {
      named(WeightFile.open(weights)).into(model);
      return model;
    } catch (Throwable failure) {
      model.close();
      throw failure;
    }
  }

  /** The file with names as this network has them; usual files need no change. */
  WeightFile named(WeightFile file) {
    return file;
  }

  private Model zeroModel(String modelName) {
    Model model = Engines.newModel(modelName);
    try {
      Block block = block();
      block.setInitializer(Initializer.ZEROS, Parameter.Type.WEIGHT);
      block.initialize(model.getNDManager(), DataType.FLOAT32, inputShape());
      model.setBlock(block);
      return model;
    } catch (Throwable failure) {
      model.close();
      throw failure;
    }
  }

  /** Name, input and classes, such as {@code resnet18, 3 x 224 x 224 to 1000 classes}. */
  @Override
  public final String toString() {
    return frame.toString();
  }
}
