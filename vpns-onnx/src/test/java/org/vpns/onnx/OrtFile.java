package org.vpns.onnx;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A file opened in ONNX Runtime. */
public final class OrtFile implements AutoCloseable {
  private final Model model;

  private OrtFile(Model model) {
    this.model = model;
  }

  /** An array outside any engine. */
  public record Values(Shape shape, DataType type, double[] numbers) {
    public static Values of(NDArray array) {
      double[] numbers =
          switch (array.getDataType()) {
            case FLOAT32 -> {
              float[] floats = array.toFloatArray();
              double[] doubles = new double[floats.length];
              for (int i = 0; i < floats.length; i++) {
                doubles[i] = floats[i];
              }
              yield doubles;
            }
            case FLOAT64 -> array.toDoubleArray();
            case INT64 -> Arrays.stream(array.toLongArray()).asDoubleStream().toArray();
            case INT32 -> Arrays.stream(array.toIntArray()).asDoubleStream().toArray();
            case BOOLEAN -> {
              boolean[] truths = array.toBooleanArray();
              double[] doubles = new double[truths.length];
              for (int i = 0; i < truths.length; i++) {
                doubles[i] = truths[i] ? 1 : 0;
              }
              yield doubles;
            }
            default -> throw new IllegalArgumentException(array.getDataType().toString());
          };
      return new Values(array.getShape(), array.getDataType(), numbers);
    }

    NDArray toArray(NDManager manager) {
      return switch (type) {
        case FLOAT32 -> {
          float[] floats = new float[numbers.length];
          for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) numbers[i];
          }
          yield manager.create(floats, shape);
        }
        case FLOAT64 -> manager.create(numbers, shape);
        case INT64 ->
            manager.create(Arrays.stream(numbers).mapToLong(d -> (long) d).toArray(), shape);
        case BOOLEAN -> {
          boolean[] truths = new boolean[numbers.length];
          for (int i = 0; i < truths.length; i++) {
            truths[i] = numbers[i] != 0;
          }
          yield manager.create(truths, shape);
        }
        default -> throw new IllegalArgumentException(type.toString());
      };
    }
  }

  public static OrtFile open(Path file) {
    Model model = Model.newInstance("file", Device.cpu(), "OnnxRuntime");
    try {
      // the tests' networks are small: one thread for each
      model.load(file, null, Map.of("intraOpNumThreads", "1", "interOpNumThreads", "1"));
    } catch (IOException | MalformedModelException e) {
      model.close();
      throw new IllegalStateException(file + " cannot be opened", e);
    }
    return new OrtFile(model);
  }

  public List<Values> run(List<Values> inputs) {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "OnnxRuntime")) {
      NDList list = new NDList();
      inputs.forEach(values -> list.add(values.toArray(manager)));
      NDList result = model.getBlock().forward(new ParameterStore(manager, false), list, false);
      List<Values> values = new ArrayList<>();
      for (NDArray array : result) {
        values.add(Values.of(array));
      }
      return values;
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
