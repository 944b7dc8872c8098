package org.vpns.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.Layout;
import org.vpns.NamedParameter;
import org.vpns.Problem;
import org.vpns.internal.network.HostFloats;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.TensorMemory;
import org.vpns.optim.StateVisitor;

/** The regulariser of one stage at work on the network's own memory. */
final class Regularisation {
  private final Stage stage;
  private final Regulariser regulariser;
  private final Network network;
  private final Shape inputShape;
  private final Map<String, TensorMemory.Access> weightAccess = new HashMap<>();
  private final Map<String, TensorMemory.Access> gradientAccess = new HashMap<>();
  private final Set<String> trained;
  private final Map<String, Long> sizes = new HashMap<>();
  private final float[] scratch = new float[4096];
  private final Regulariser.Term term;

  private Regularisation(Stage stage, Regulariser regulariser, Network network, Shape inputShape) {
    this.stage = stage;
    this.regulariser = regulariser;
    this.network = network;
    this.inputShape = inputShape;
    List<String> paths = paths(stage.motions().keySet());
    trained = new HashSet<>(paths);
    term =
        Problem.given(
            regulariser.begin(new Opened(paths)),
            regulariser.describe(),
            "what Regulariser.begin gives");
  }

  /**
   * That of a stage whose first mask is applied, or whose state is about to be loaded; null if it
   * has none.
   *
   * @param inputShape of one network input
   */
  static @Nullable Regularisation of(Stage stage, Network network, Shape inputShape) {
    Regulariser regulariser = stage.regulariser();
    return regulariser == null ? null : new Regularisation(stage, regulariser, network, inputShape);
  }

  /** The parameters that targets are, none that is frozen. */
  private List<String> paths(Set<Target> targets) {
    boolean prunable = targets.contains(Target.WEIGHTS) || targets.contains(Target.PRUNABLE);
    boolean others = targets.contains(Target.WEIGHTS) || targets.contains(Target.OTHERS);
    Layout layout = network.layout();
    Set<String> moving = new HashSet<>();
    for (int i = 0; i < layout.tensors(); i++) {
      if (prunable && !network.isFrozen(i)) {
        moving.add(layout.path(i));
      }
    }
    if (others) {
      network.others().forEach(p -> moving.add(p.path()));
    }
    return network.paths().list().stream()
        .map(NamedParameter::path)
        .filter(moving::contains)
        .toList();
  }

  /**
   * Adds to the gradients of a pass.
   *
   * @param changed whether the mask has moved in place of the weights
   */
  void add(Pass pass, boolean changed) {
    Set<Target> moving = new HashSet<>();
    for (Target target : stage.motions().keySet()) {
      if (pass.moves(target) && !(changed && target == Target.WEIGHTS)) {
        moving.add(target);
      }
    }
    List<String> paths = paths(moving);
    if (paths.isEmpty()) {
      return;
    }
    try (Opened gradients = new Opened(paths)) {
      term.add(gradients);
    }
  }

  void epochEnded() {
    term.epochEnded(new Opened(paths(stage.motions().keySet())));
  }

  void visit(StateVisitor visitor) {
    term.visit(visitor);
  }

  private NamedParameter parameter(String path) {
    NamedParameter found = network.paths().find(path);
    if (found == null) {
      throw Problem.argument(
          "parameter not found",
          path + ", " + regulariser.describe() + " in " + stage.inWords(),
          "a parameter of the network",
          "none of this path",
          "names are those of " + Problem.listed(trained.stream().sorted().toList(), 8));
    }
    return found;
  }

  /** Terms read large parameters in many pieces. */
  private long size(String path) {
    return sizes.computeIfAbsent(path, p -> parameter(p).shape().size());
  }

  /** Arrays that were asked for, from one pass to the next. */
  private final class Opened implements Regulariser.Gradients, AutoCloseable {
    private final List<String> paths;
    private final Set<String> moving;
    private final Map<String, HostFloats> weights = new HashMap<>();
    private final Map<String, TensorMemory> gradients = new HashMap<>();
    private final List<NDArray> handles = new ArrayList<>();

    Opened(List<String> paths) {
      this.paths = paths;
      moving = new HashSet<>(paths);
    }

    @Override
    public List<String> paths() {
      return paths;
    }

    @Override
    public Shape shape(String path) {
      Problem.given(path, "Regulariser.Weights.shape", "path");
      return parameter(path).shape();
    }

    @Override
    public Parameter.Type type(String path) {
      Problem.given(path, "Regulariser.Weights.type", "path");
      return parameter(path).parameter().getType();
    }

    @Override
    public Block block() {
      return network.block();
    }

    @Override
    public Shape inputShape() {
      return inputShape;
    }

    @Override
    public void read(String path, int from, float[] to, int length) {
      Problem.given(path, "Regulariser.Weights.read", "path");
      Problem.given(to, "Regulariser.Weights.read", "to");
      requireInside(path, from, length, to.length);
      weights.computeIfAbsent(path, this::openWeight).floats().get(from, to, 0, length);
    }

    private HostFloats openWeight(String path) {
      NDArray array = parameter(path).parameter().getArray();
      return TensorMemory.open(
              array, weightAccess.computeIfAbsent(path, p -> new TensorMemory.Access()))
          .host();
    }

    private TensorMemory openGradient(String path) {
      NDArray handle = parameter(path).parameter().getArray().getGradient();
      handles.add(handle);
      return TensorMemory.open(
          handle, gradientAccess.computeIfAbsent(path, p -> new TensorMemory.Access()));
    }

    @Override
    public void add(String path, float[] amounts) {
      Problem.given(path, "Regulariser.Gradients.add", "path");
      Problem.given(amounts, "Regulariser.Gradients.add", "amounts");
      requireTrained(path);
      long size = size(path);
      if (amounts.length != size) {
        throw Problem.argument(
            "amounts do not fit the parameter",
            path + ", " + regulariser.describe() + " in " + stage.inWords(),
            "one for each of its " + size + " entries",
            amounts.length,
            "add as many, or say for which entries they are");
      }
      add(path, 0, amounts, amounts.length);
    }

    @Override
    public void add(String path, int from, float[] amounts, int length) {
      Problem.given(path, "Regulariser.Gradients.add", "path");
      Problem.given(amounts, "Regulariser.Gradients.add", "amounts");
      requireTrained(path);
      requireInside(path, from, length, amounts.length);
      if (!moving.contains(path)) {
        return;
      }
      HostFloats gradient = gradients.computeIfAbsent(path, this::openGradient).host();
      boolean finite = true;
      for (int done = 0; done < length; done += scratch.length) {
        int n = Math.min(scratch.length, length - done);
        gradient.floats().get(from + done, scratch, 0, n);
        for (int i = 0; i < n; i++) {
          float amount = amounts[done + i];
          finite &= Math.abs(amount) <= Float.MAX_VALUE;
          // any number plus -0 is that number
          scratch[i] += amount == 0 ? -0f : amount;
        }
        gradient.floats().put(from + done, scratch, 0, n);
      }
      if (!finite) {
        throw notFinite(path, from, amounts);
      }
    }

    /** Entries of a parameter, and of an array of so many that has room for them. */
    private void requireInside(String path, int from, int length, int room) {
      long size = size(path);
      if (from < 0 || length < 0 || from > size - length || length > room) {
        throw Problem.argument(
            "entries that the parameter does not have",
            path + ", " + regulariser.describe() + " in " + stage.inWords(),
            "some of its " + size + ", and an array that holds as many",
            length + " from " + from + " on, in an array of " + room,
            "entries are numbered in flat order from 0 on");
      }
    }

    private void requireTrained(String path) {
      if (!trained.contains(path)) {
        parameter(path);
        throw Problem.argument(
            "regulariser of what is not trained",
            path + ", " + regulariser.describe() + " in " + stage.inWords(),
            "a parameter that the stage trains",
            "one that is frozen, a statistic, or not among " + stage.motions().keySet(),
            "add to those of paths()");
      }
    }

    private IllegalStateException notFinite(String path, int from, float[] amounts) {
      int at = 0;
      while (Math.abs(amounts[at]) <= Float.MAX_VALUE) {
        at++;
      }
      return Problem.state(
          "regulariser is not finite",
          path + "[" + (from + at) + "], " + regulariser.describe() + " in " + stage.inWords(),
          "a finite number",
          amounts[at],
          "lower its strength; the model is as it was before");
    }

    /** Makes what was added the gradients' content. */
    @Override
    public void close() {
      gradients.values().forEach(TensorMemory::flush);
      handles.forEach(NDArray::close);
    }
  }
}
