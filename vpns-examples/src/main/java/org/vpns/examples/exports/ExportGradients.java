package org.vpns.examples.exports;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.io.SafeTensors;

/** Gradients of an exported network beside those of the program that wrote it. */
final class ExportGradients {
  private ExportGradients() {}

  /**
   * The largest difference of any gradient; of the images', that of the median image: a ReLU whose
   * input is 0 up to rounding spoils the gradient of its image, and of no other.
   */
  static double inSinglePrecision(Model model, SafeTensors answers) {
    return largest(model, answers, DataType.FLOAT32, errors -> errors[errors.length / 2]);
  }

  /** The largest difference of any gradient, of all images. */
  static double inDoublePrecision(Model model, SafeTensors answers) {
    return largest(model, answers, DataType.FLOAT64, errors -> errors[errors.length - 1]);
  }

  /**
   * @param image which image's error counts, of all in ascending order
   */
  private static double largest(
      Model model, SafeTensors answers, DataType type, ToDoubleFunction<double[]> image) {
    ParameterPaths paths = ParameterPaths.of(model.getBlock());
    try (NDManager manager = model.getNDManager().newSubManager()) {
      TypedStore store = new TypedStore(manager, type);
      NDArray x = ExportCheck.images(answers, manager).toType(type, false);
      x.setRequiresGradient(true);
      NDArray w = manager.create(answers.floats("w"), answers.shape("w"));
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray y = model.getBlock().forward(store, new NDList(x), false).singletonOrThrow();
        collector.backward(y.mul(w).sum());
      }
      int images = Math.toIntExact(answers.shape("x").get(0));
      double worst = 0;
      for (String name : answers.names()) {
        if (name.equals("gx")) {
          worst =
              Math.max(
                  worst, image.applyAsDouble(ofImages(gradient(x), answers.floats(name), images)));
        } else if (name.startsWith("g.")) {
          NamedParameter p = paths.find(name.substring(2));
          float[] found = p == null ? new float[0] : gradient(store.of(p.parameter()));
          worst = Math.max(worst, ExportCheck.difference(found, answers.floats(name)));
        }
      }
      return worst;
    }
  }

  /** The error of each image, in ascending order. */
  private static double[] ofImages(float[] found, float[] expected, int images) {
    int part = expected.length / images;
    return IntStream.range(0, images)
        .mapToDouble(
            i ->
                ExportCheck.difference(
                    Arrays.copyOfRange(found, i * part, (i + 1) * part),
                    Arrays.copyOfRange(expected, i * part, (i + 1) * part)))
        .sorted()
        .toArray();
  }

  private static float[] gradient(NDArray array) {
    try (NDArray gradient = array.getGradient();
        NDArray single = gradient.toType(DataType.FLOAT32, true)) {
      return single.toFloatArray();
    }
  }

  /** Hands out copies of all parameters in one type, which have the gradients. */
  private static final class TypedStore extends ParameterStore {
    private final Map<Parameter, NDArray> copies = new IdentityHashMap<>();
    private final NDManager manager;
    private final DataType type;

    TypedStore(NDManager manager, DataType type) {
      super(manager, false);
      this.manager = manager;
      this.type = type;
    }

    @Override
    public NDArray getValue(Parameter parameter, Device device, boolean training) {
      return of(parameter);
    }

    NDArray of(Parameter parameter) {
      return copies.computeIfAbsent(parameter, this::copy);
    }

    private NDArray copy(Parameter parameter) {
      try (NDArray values = parameter.getArray().stopGradient()) {
        NDArray copy = values.toType(type, true);
        copy.attach(manager);
        copy.setRequiresGradient(parameter.requiresGradient());
        return copy;
      }
    }
  }
}
