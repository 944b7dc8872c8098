package org.vpns.testing;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineProvider;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.SymbolBlock;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Stands in the place of the default engine until it is closed: whatever makes a model or a manager
 * gets the engine's own, whose memory may run out.
 */
final class FailingEngine extends Engine implements AutoCloseable {
  private final Engine real = Engine.getInstance();
  private final Map<String, EngineProvider> engines = engines();
  private final EngineProvider before = engines.get(real.getEngineName());
  private final OpenResources.Fault fault;
  private final boolean inside;
  private final List<NDManager> made = new ArrayList<>();

  /**
   * @param inside whether what is made of its managers may fail, too
   */
  FailingEngine(OpenResources.Fault fault, boolean inside) {
    this.fault = fault;
    this.inside = inside;
    engines.put(
        real.getEngineName(),
        new EngineProvider() {
          @Override
          public String getEngineName() {
            return real.getEngineName();
          }

          @Override
          public int getEngineRank() {
            return real.getRank();
          }

          @Override
          public Engine getEngine() {
            return FailingEngine.this;
          }
        });
  }

  @SuppressWarnings("unchecked")
  private static Map<String, EngineProvider> engines() {
    try {
      Field field = Engine.class.getDeclaredField("ALL_ENGINES");
      field.setAccessible(true);
      return (Map<String, EngineProvider>) field.get(null);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** Managers that were made, of models too, and are not closed. */
  List<NDManager> open() {
    return made.stream().filter(NDManager::isOpen).toList();
  }

  @Override
  public void close() {
    engines.put(real.getEngineName(), before);
    made.forEach(NDManager::close);
  }

  private NDManager kept(NDManager manager) {
    made.add(manager);
    return inside ? fault.in(manager) : manager;
  }

  @Override
  public Model newModel(String name, Device device) {
    fault.point();
    Model model = real.newModel(name, device);
    NDManager manager = kept(model.getNDManager());
    return (Model)
        Proxy.newProxyInstance(
            Model.class.getClassLoader(),
            new Class<?>[] {Model.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("getNDManager")) {
                return manager;
              }
              try {
                return method.invoke(model, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Override
  public NDManager newBaseManager() {
    return newBaseManager(null);
  }

  @Override
  public NDManager newBaseManager(Device device) {
    fault.point();
    return kept(real.newBaseManager(device));
  }

  @Override
  public Engine getAlternativeEngine() {
    return real.getAlternativeEngine();
  }

  @Override
  public String getEngineName() {
    return real.getEngineName();
  }

  @Override
  public int getRank() {
    return real.getRank();
  }

  @Override
  public String getVersion() {
    return real.getVersion();
  }

  @Override
  public boolean hasCapability(String capability) {
    return real.hasCapability(capability);
  }

  @Override
  public SymbolBlock newSymbolBlock(NDManager manager) {
    return real.newSymbolBlock(manager);
  }
}
