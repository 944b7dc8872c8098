package org.vpns.predict;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vpns.ImageInput;
import org.vpns.internal.network.BlockRunner;

/**
 * All that can run one network: the engine, and what is found on the class path. Each is made ready
 * when it is first asked for; what stands in its way is told once.
 */
final class Runtimes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Runtimes.class);

  /** Passes that are timed, and before these some that are not. */
  private static final int PASSES = 9;

  private static final int UNTIMED = 3;

  private final Model engine;
  private final ImageInput input;
  private final Map<String, Optional<Running>> known = new HashMap<>();
  private boolean toldOfNone;
  private @Nullable Choice fastest;

  /**
   * Of a network.
   *
   * @param engine the model that its engine runs
   */
  Runtimes(Model engine, ImageInput input) {
    this.engine = engine;
    this.input = input;
  }

  /**
   * What was chosen by measurement.
   *
   * @param told its name and all times, such as {@code sparse runtime (0.231 ms an image; engine
   *     1.870 ms)}
   */
  record Choice(Model model, String told) {}

  private record Timed(String name, Model model, double milliseconds) {
    String time() {
      return String.format(Locale.ROOT, "%.3f ms", milliseconds);
    }
  }

  /** The model that the sparse runtime runs; the engine's if it cannot. */
  Model sparse() {
    List<BlockRunner> runners = runners().stream().filter(BlockRunner::isSparse).toList();
    if (runners.isEmpty() && !toldOfNone) {
      toldOfNone = true;
      LOG.warn(
          "the engine runs '{}': there is no sparse runtime (add org.vpns:vpns-runtime to the class"
              + " path)",
          engine.getName());
    }
    return runners.stream()
        .flatMap(runner -> running(runner).stream())
        .map(Running::model)
        .findFirst()
        .orElse(engine);
  }

  /** The model that takes the least time for an image; measured at the first call. */
  Choice fastest() {
    Choice choice = fastest;
    if (choice == null) {
      choice = measured();
      fastest = choice;
    }
    return choice;
  }

  private static List<BlockRunner> runners() {
    return ServiceLoader.load(BlockRunner.class).stream().map(ServiceLoader.Provider::get).toList();
  }

  private Optional<Running> running(BlockRunner runner) {
    return known.computeIfAbsent(
        runner.name(), name -> Optional.ofNullable(Running.of(runner, engine, input)));
  }

  private Choice measured() {
    List<String> names = new ArrayList<>(List.of("engine"));
    List<Model> models = new ArrayList<>(List.of(engine));
    for (BlockRunner runner : runners()) {
      if (!runner.isSparse() && runner.missing() != null) {
        continue; // nobody has asked for it
      }
      running(runner)
          .ifPresent(
              running -> {
                names.add(running.name());
                models.add(running.model());
              });
    }
    if (models.size() == 1) {
      return new Choice(engine, "engine (nothing else can run it)");
    }
    double[] medians = medians(models);
    List<Timed> all = new ArrayList<>();
    for (int i = 0; i < medians.length; i++) {
      all.add(new Timed(names.get(i), models.get(i), medians[i]));
    }
    all.sort(Comparator.comparingDouble(Timed::milliseconds));
    Timed best = all.get(0);
    StringBuilder told = new StringBuilder(best.name()).append(" (").append(best.time());
    told.append(" an image");
    for (int i = 1; i < all.size(); i++) {
      told.append(i == 1 ? "; " : ", ").append(all.get(i).name()).append(' ');
      told.append(all.get(i).time());
    }
    told.append(')');
    LOG.info("what runs '{}': {}", engine.getName(), told);
    return new Choice(best.model(), told.toString());
  }

  /** In turn, so that whatever else the machine does meets all of them. */
  private double[] medians(List<Model> models) {
    double[][] times = new double[models.size()][PASSES];
    Shape shape = new Shape(1, input.channels(), input.height(), input.width());
    try (NDManager manager = engine.getNDManager().newSubManager()) {
      NDList image = new NDList(manager.ones(shape));
      for (int pass = -UNTIMED; pass < PASSES; pass++) {
        for (int i = 0; i < times.length; i++) {
          times[i][Math.max(pass, 0)] = milliseconds(models.get(i).getBlock(), image, manager);
        }
      }
    }
    return Arrays.stream(times).peek(Arrays::sort).mapToDouble(t -> t[PASSES / 2]).toArray();
  }

  private static double milliseconds(Block block, NDList image, NDManager manager) {
    long begin = System.nanoTime();
    try (NDScope arrays = new NDScope()) {
      arrays.suppressNotUsedWarning();
      block.forward(new ParameterStore(manager, false), image, false).head().toByteBuffer();
    }
    return (System.nanoTime() - begin) / 1e6;
  }

  @Override
  public void close() {
    known.values().forEach(running -> running.ifPresent(Running::close));
    known.clear();
    fastest = null;
  }
}
