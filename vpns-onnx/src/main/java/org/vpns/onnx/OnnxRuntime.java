package org.vpns.onnx;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import com.google.common.base.Throwables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.vpns.Problem;
import org.vpns.Value;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.GraphTensor;
import org.vpns.graph.NetworkValues;
import org.vpns.internal.network.Engines;
import org.vpns.latency.NetworkRuntime;

/**
 * ONNX Runtime, to time networks as they run where they are deployed: {@code
 * Latency.of(OnnxRuntime.standard().threads(1))}.
 *
 * <p>Networks are exported with batch norm folded and opened with all of its optimisations. Needs
 * {@code ai.djl.onnxruntime:onnxruntime-engine} on the class path.
 */
public final class OnnxRuntime extends Value<OnnxRuntime> implements NetworkRuntime {
  private static final String ENGINE = "OnnxRuntime";

  private int threads = 1;

  private OnnxRuntime() {}

  /** With one thread. */
  public static OnnxRuntime standard() {
    return new OnnxRuntime();
  }

  /**
   * Threads that share an operator; default 1.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public OnnxRuntime threads(int count) {
    if (count < 1) {
      throw Problem.argument(
          "number out of range", "OnnxRuntime.threads", "at least 1", count, "leave it out for 1");
    }
    return with(runtime -> runtime.threads = count);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if ONNX Runtime is not there
   * @throws IllegalArgumentException if the network cannot be exported, or ONNX Runtime lacks an
   *     operator of it
   */
  @Override
  public Session open(NetworkValues network, int batch) {
    Problem.given(network, "OnnxRuntime.open", "network");
    Model model = newModel(network);
    try {
      NDManager manager = model.getNDManager();
      NDList images = new NDList();
      for (int input : network.graph().inputs()) {
        images.add(ones(network.graph().tensor(input), batch, manager));
      }
      return new Running(model, images);
    } catch (Throwable e) {
      model.close();
      throw e;
    }
  }

  /**
   * A model that ONNX Runtime runs; the caller closes it. Its arrays are ONNX Runtime's own.
   *
   * @throws IllegalStateException if ONNX Runtime is not there
   * @throws IllegalArgumentException if the network cannot be exported, or ONNX Runtime lacks an
   *     operator of it
   */
  public Model newModel(NetworkValues network) {
    Problem.given(network, "OnnxRuntime.newModel", "network");
    if (!isThere()) {
      throw Problem.state(
          "no ONNX Runtime",
          "OnnxRuntime.newModel",
          "engine " + ENGINE,
          Engine.getAllEngines(),
          "add ai.djl.onnxruntime:onnxruntime-engine, in the version of vpns-bom, to the class"
              + " path");
    }
    Model model = Model.newInstance("network", Device.cpu(), ENGINE);
    try {
      load(model, network);
      return model;
    } catch (IOException e) {
      model.close();
      throw new UncheckedIOException(
          "the network cannot be written for ONNX Runtime: " + e.getMessage(), e);
    } catch (Throwable e) {
      model.close();
      throw e;
    }
  }

  /** Whether the class path has ONNX Runtime. */
  public static boolean isThere() {
    return Engine.getAllEngines().contains(ENGINE);
  }

  private void load(Model model, NetworkValues network) throws IOException {
    Path folder = Files.createTempDirectory("vpns-onnx");
    Path file = folder.resolve("network.onnx");
    try (NDManager scope = Engines.newManager("export")) {
      Onnx.export(GraphBlock.of(network, scope)).foldBatchNorm().write(file);
      String count = String.valueOf(threads);
      model.load(file, null, Map.of("intraOpNumThreads", count, "interOpNumThreads", "1"));
    } catch (MalformedModelException e) {
      IllegalArgumentException refusal =
          Problem.argument(
              "network that ONNX Runtime does not run",
              "OnnxRuntime",
              "operators that it has for numbers of their type",
              String.valueOf(Throwables.getRootCause(e).getMessage()),
              "of float64 it has few: convert the network to float32");
      refusal.initCause(e);
      throw refusal;
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(folder.resolve("network.onnx.data"));
      Files.deleteIfExists(folder);
    }
  }

  private static NDArray ones(GraphTensor tensor, int batch, NDManager manager) {
    Shape shape = tensor.shape(batch);
    if (tensor.type() != DataType.FLOAT32) {
      throw Problem.argument(
          "input that is no image",
          "OnnxRuntime.open",
          "float32",
          tensor.type(),
          "time a network whose inputs are float32");
    }
    ByteBuffer values = manager.allocateDirect(Math.toIntExact(4 * shape.size()));
    while (values.hasRemaining()) {
      values.putFloat(1);
    }
    return manager.create(values.rewind(), shape, tensor.type());
  }

  private record Running(Model model, NDList images) implements Session {
    @Override
    public void run() {
      try (NDManager scope = model.getNDManager().newSubManager()) {
        model.getBlock().forward(new ParameterStore(scope, false), images, false).close();
      }
    }

    @Override
    public void close() {
      model.close();
    }
  }

  @Override
  public String describe() {
    return "ONNX Runtime, " + threads + (threads == 1 ? " thread" : " threads");
  }

  @Override
  public String toString() {
    return describe();
  }
}
