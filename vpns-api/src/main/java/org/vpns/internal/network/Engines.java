package org.vpns.internal.network;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/** Models and arrays of the default engine, or what to add where there is none that can do it. */
public final class Engines {
  private static final String REMEDY =
      "add ai.djl.pytorch:pytorch-engine, pytorch-jni and pytorch-native-cpu (with the classifier of"
          + " the platform, such as linux-x86_64), in the versions of vpns-bom, to the class path";

  private Engines() {}

  /**
   * A model without block.
   *
   * @throws IllegalStateException if no engine can make it
   */
  public static Model newModel(String name) {
    return newModel(name, null);
  }

  /**
   * A model without block.
   *
   * @param device where its arrays are made; null for the default
   * @throws IllegalStateException if no engine can make it
   */
  public static Model newModel(String name, @Nullable Device device) {
    Model model = made("model '" + name + "'", () -> Model.newInstance(name, device));
    try {
      requireOperations(model.getNDManager(), "model '" + name + "'");
      return model;
    } catch (Throwable e) {
      model.close();
      throw e;
    }
  }

  /**
   * A manager.
   *
   * @param purpose for messages, such as {@code export}
   * @throws IllegalStateException if no engine can make it
   */
  public static NDManager newManager(String purpose) {
    NDManager manager = made(purpose, () -> NDManager.newBaseManager());
    try {
      requireOperations(manager, purpose);
      return manager;
    } catch (Throwable e) {
      manager.close();
      throw e;
    }
  }

  private static <T> T made(String what, Supplier<T> maker) {
    try {
      return maker.get();
    } catch (EngineException | IllegalArgumentException | IllegalStateException | LinkageError e) {
      Throwable root = e;
      while (root.getCause() != null) {
        root = root.getCause();
      }
      String reason = root == e ? firstLine(e) : firstLine(e) + ": " + firstLine(root);
      IllegalStateException problem =
          Problem.state(
              "no engine to run networks",
              what,
              "PyTorch of DJL with its native library",
              "none (" + reason + ")",
              REMEDY);
      problem.initCause(e);
      throw problem;
    }
  }

  /**
   * Some engines run files of their own format and compute nothing else.
   *
   * @throws IllegalStateException if the manager's is one of them
   */
  static void requireOperations(NDManager manager, String what) {
    try (NDArray one = manager.ones(new Shape(1));
        NDArray two = one.add(1)) {
      two.getShape();
    } catch (UnsupportedOperationException e) {
      // without any engine DJL hands out managers that belong to none
      @Nullable Engine engine = manager.getEngine();
      IllegalStateException problem =
          Problem.state(
              "engine cannot run networks made of blocks",
              what,
              "PyTorch",
              engine == null ? "no engine" : engine.getEngineName(),
              REMEDY);
      problem.initCause(e);
      throw problem;
    }
  }

  private static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("").replaceFirst("[.:]$", "");
  }
}
