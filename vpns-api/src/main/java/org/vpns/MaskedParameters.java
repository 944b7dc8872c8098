package org.vpns;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SymbolBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parameters of a network that a set of masks is for, one for each mask. */
final class MaskedParameters {
  private static final int EXAMPLES = 3;

  private static final String REMEDY = "use the masks made for this network";

  /** A parameter and what of it is kept. */
  private record Masked(NamedParameter parameter, Mask mask) {
    /** In place: other parameters may hold the same array. A product with 0 would keep a NaN. */
    void zeroRemoved() {
      NDArray array = parameter.parameter().getArray();
      try (NDManager scope = array.getManager().newSubManager()) {
        boolean[] kept = new boolean[mask.size()];
        for (int i = 0; i < kept.length; i++) {
          kept[i] = mask.isKept(i);
        }
        NDArray pruned = scope.zeros(array.getShape());
        NDArray chosen = scope.create(kept, array.getShape());
        try (NDArray result = NDArrays.where(chosen, array, pruned)) {
          array.set(new NDIndex("..."), result);
        }
      }
    }
  }

  private final List<Masked> all;

  private MaskedParameters(List<Masked> all) {
    this.all = all;
  }

  /**
   * Those of a model's network.
   *
   * @throws IllegalArgumentException if a mask is of no parameter of the network, of another shape
   *     than it, of a statistic, or removes weights of a frozen one; if a TorchScript module was
   *     loaded to predict alone
   * @throws IllegalStateException if the network has no weights yet
   */
  static MaskedParameters of(MaskSet masks, Model model) {
    Block block = Problem.open(model).getBlock();
    if (block == null
        || !block.getParameters().values().stream().allMatch(Parameter::isInitialized)) {
      throw Problem.state(
          "network without weights",
          "model '" + model.getName() + "'",
          "an initialised block",
          block == null ? "no block" : "an uninitialised block",
          "set the block and load its weights first");
    }
    requireChangeable(block, model.getName());
    ParameterPaths paths = ParameterPaths.of(block);
    List<Masked> all = new ArrayList<>();
    for (Map.Entry<String, Mask> entry : masks.asMap().entrySet()) {
      NamedParameter parameter = paths.find(entry.getKey());
      if (parameter == null) {
        throw unknown(entry.getKey(), paths);
      }
      require(parameter, entry.getValue(), paths.frozen().contains(parameter));
      all.add(new Masked(parameter, entry.getValue()));
    }
    return new MaskedParameters(all);
  }

  /** The engine refuses to write into a module that was loaded to predict alone. */
  private static void requireChangeable(Block block, String name) {
    boolean fixed =
        block instanceof SymbolBlock
            && block.getParameters().size() > 0
            && block.getParameters().values().stream().noneMatch(p -> p.getArray().hasGradient());
    if (fixed) {
      throw Problem.argument(
          "TorchScript module cannot be changed",
          "model '" + name + "'",
          "parameters with gradient",
          "none",
          "load it with model.load(file, null, Map.of(\"trainParam\", \"true\"))");
    }
  }

  private static IllegalArgumentException unknown(String path, ParameterPaths paths) {
    String first = ownerOfTensor(path, paths);
    if (first != null) {
      return Problem.argument(
          "mask of a shared parameter under its other name",
          path,
          "'" + first + "', which is the same tensor",
          path,
          "name the mask so");
    }
    List<String> known = paths.list().stream().map(NamedParameter::path).toList();
    String nearest = Problem.nearest(path, known);
    return Problem.argument(
        "mask of an unknown parameter",
        path,
        "one of "
            + known.size()
            + " parameters, "
            + (nearest == null ? Problem.listed(known, EXAMPLES) : "perhaps " + nearest),
        path,
        REMEDY);
  }

  /** Under which path the tensor is listed that another path shares; null if it shares none. */
  private static @Nullable String ownerOfTensor(String path, ParameterPaths paths) {
    for (NamedParameter listed : paths) {
      if (paths.sharing(listed.path()).stream().anyMatch(same -> same.path().equals(path))) {
        return listed.path();
      }
    }
    return null;
  }

  private static void require(NamedParameter parameter, Mask mask, boolean isFrozen) {
    if (!mask.shape().equals(parameter.shape())) {
      throw Problem.argument(
          "mask shape differs from parameter",
          parameter.path(),
          parameter.shape(),
          mask.shape(),
          REMEDY);
    }
    if (parameter.isStatistic()) {
      throw Problem.argument(
          "mask of a statistic",
          parameter.path(),
          "a trained parameter",
          parameter.parameter().getType(),
          "leave this mask out");
    }
    DataType type = parameter.parameter().getArray().getDataType();
    if (type != DataType.FLOAT32) {
      throw Problem.argument(
          "parameter of another type",
          parameter.path(),
          DataType.FLOAT32,
          type,
          "convert the network to float32");
    }
    if (isFrozen && mask.kept() < mask.size()) {
      throw Problem.argument(
          "mask of a frozen parameter",
          parameter.path(),
          "a parameter that may change, or a mask that keeps all of it",
          "one frozen, " + (mask.size() - mask.kept()) + " weights to remove",
          "unfreeze it with freezeParameters(false), or leave this mask out");
    }
  }

  /** Sets what the masks remove to 0.0. */
  void zeroRemoved() {
    all.forEach(Masked::zeroRemoved);
  }
}
