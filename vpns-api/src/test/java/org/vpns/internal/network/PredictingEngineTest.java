package org.vpns.internal.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SymbolBlock;
import ai.djl.training.GradientCollector;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.vpns.ParameterFilter;
import org.vpns.testing.TinyResNet;

/** An engine that computes and records no gradients: it predicts, and does not train. */
final class PredictingEngineTest {
  /** PyTorch without gradients, under another name. */
  private static final class Predicting extends Engine {
    @Override
    public @Nullable Engine getAlternativeEngine() {
      return null;
    }

    @Override
    public String getEngineName() {
      return "Predicting";
    }

    @Override
    public int getRank() {
      return 100;
    }

    @Override
    public String getVersion() {
      return "1.2";
    }

    @Override
    public boolean hasCapability(String capability) {
      return false;
    }

    @Override
    public SymbolBlock newSymbolBlock(NDManager manager) {
      throw new UnsupportedOperationException("symbol block");
    }

    @Override
    public Model newModel(String name, Device device) {
      throw new UnsupportedOperationException("model");
    }

    @Override
    public NDManager newBaseManager() {
      return managerOf(NDManager.newBaseManager());
    }

    @Override
    public NDManager newBaseManager(Device device) {
      return newBaseManager();
    }

    @Override
    public GradientCollector newGradientCollector() {
      throw new UnsupportedOperationException("gradients");
    }

    @Override
    public void setRandomSeed(int seed) {}

    /** The manager, but of this engine. */
    NDManager managerOf(NDManager manager) {
      return proxy(
          NDManager.class,
          (method, arguments) ->
              switch (method) {
                case "getEngine" -> this;
                case "newSubManager" -> managerOf(manager.newSubManager());
                default -> null;
              },
          manager);
    }

    Model modelOf(Model model) {
      return proxy(
          Model.class,
          (method, arguments) ->
              method.equals("getNDManager") ? managerOf(model.getNDManager()) : null,
          model);
    }
  }

  /** What is answered in place of the original; null = the original answers. */
  private interface Answer {
    @Nullable Object of(String method, Object @Nullable [] arguments);
  }

  private static <T> T proxy(Class<T> type, Answer answer, T original) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              Object instead = answer.of(method.getName(), arguments);
              try {
                return instead != null ? instead : method.invoke(original, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  @Test
  void check_comparesValuesAlone() {
    try (NDManager manager = new Predicting().newBaseManager()) {
      assertThat(EngineCheck.error(manager)).isLessThan(1e-5);
      EngineCheck.require(manager);
    }
  }

  @Test
  void network_isOpened_andPredicts() {
    try (Model model = TinyResNet.newModel();
        Network network = Network.open(new Predicting().modelOf(model), ParameterFilter.weights());
        NDManager manager = NDManager.newBaseManager();
        NDArray image = manager.ones(new Shape(1, 3, 24, 24));
        NDArray logits = network.forward(image, false)) {
      assertThat(logits.getShape().get(0)).isEqualTo(1);
    }
  }

  @Test
  void training_isRefused_byTheEnginesName_withWhatToAdd() {
    try (NDManager manager = new Predicting().newBaseManager()) {
      assertThatIllegalStateException()
          .isThrownBy(() -> GradientGate.take(manager, "run of VPNs 0.99"))
          .withMessage(
              "engine cannot train: run of VPNs 0.99; expected an engine that records gradients,"
                  + " found Predicting 1.2; make the model on PyTorch: Model.newInstance(name,"
                  + " \"PyTorch\"), with ai.djl.pytorch:pytorch-engine on the class path.");
    }
  }
}
