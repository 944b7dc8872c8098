package org.vpns;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BinaryOperator;
import java.util.function.IntFunction;

/**
 * One {@link Mask} per prunable parameter, by dotted path, in the network's definition order.
 * Immutable; equal by content and order. {@code MaskFile} writes and reads it.
 */
public final class MaskSet {
  private final ImmutableMap<String, Mask> masks;

  private MaskSet(Map<String, Mask> masks) {
    this.masks = ImmutableMap.copyOf(masks);
  }

  /** A set of the given masks, in the map's iteration order. */
  public static MaskSet of(Map<String, Mask> masks) {
    Problem.givenEach(masks, "MaskSet.of", "masks");
    for (String path : masks.keySet()) {
      if (path.isBlank()) {
        throw Problem.argument(
            "mask without a path", "MaskSet.of", "a parameter path", "''", "name every mask");
      }
    }
    return new MaskSet(masks);
  }

  /**
   * A mask for each tensor of a layout.
   *
   * @param each mask of tensor {@code index}
   */
  public static MaskSet of(Layout layout, IntFunction<Mask> each) {
    Problem.given(layout, "MaskSet.of", "layout");
    Problem.given(each, "MaskSet.of", "each");
    Map<String, Mask> masks = new LinkedHashMap<>();
    for (int i = 0; i < layout.tensors(); i++) {
      masks.put(layout.path(i), Problem.given(each.apply(i), layout.path(i), "what each gives"));
    }
    return new MaskSet(masks);
  }

  /** A set that keeps every entry of the layout. */
  public static MaskSet ones(Layout layout) {
    Problem.given(layout, "MaskSet.ones", "layout");
    return of(layout, i -> Mask.ones(layout.shape(i)));
  }

  /** A set that keeps no entry of the layout. */
  public static MaskSet zeros(Layout layout) {
    Problem.given(layout, "MaskSet.zeros", "layout");
    return of(layout, i -> Mask.zeros(layout.shape(i)));
  }

  /** Path to mask, in definition order. */
  public Map<String, Mask> asMap() {
    return masks;
  }

  /** The mask of parameter {@code index} of the set's own order, which is its layout's. */
  public Mask mask(int index) {
    return masks.values().asList().get(index);
  }

  /**
   * The mask of one parameter.
   *
   * @throws IllegalArgumentException if the set has no mask for the path
   */
  public Mask get(String path) {
    Problem.given(path, "MaskSet.get", "path");
    Mask mask = masks.get(path);
    if (mask == null) {
      throw Problem.argument(
          "no mask for this parameter",
          "'" + path + "'",
          "one of " + masks.keySet(),
          path,
          "check the path");
    }
    return mask;
  }

  /** The layout of the masked parameters. */
  public Layout layout() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    masks.forEach((path, mask) -> shapes.put(path, mask.shape()));
    return Layout.of(shapes);
  }

  /** Number of entries of all masks. */
  public long size() {
    return masks.values().stream().mapToLong(Mask::size).sum();
  }

  /** Number of entries kept. */
  public long kept() {
    return masks.values().stream().mapToLong(Mask::kept).sum();
  }

  /** Fraction of entries kept; 1 for an empty set. */
  public double density() {
    return size() == 0 ? 1 : (double) kept() / size();
  }

  /** Fraction of entries removed. */
  public double sparsity() {
    return 1 - density();
  }

  /** Entries kept by both sets. */
  public MaskSet and(MaskSet other) {
    Problem.given(other, "MaskSet.and", "other");
    return combine(other, Mask::and);
  }

  /** Entries kept by either set. */
  public MaskSet or(MaskSet other) {
    Problem.given(other, "MaskSet.or", "other");
    return combine(other, Mask::or);
  }

  /** Entries kept by exactly one set. */
  public MaskSet xor(MaskSet other) {
    Problem.given(other, "MaskSet.xor", "other");
    return combine(other, Mask::xor);
  }

  /** Entries kept by this set only. */
  public MaskSet andNot(MaskSet other) {
    Problem.given(other, "MaskSet.andNot", "other");
    return combine(other, Mask::andNot);
  }

  /** Entries that this set removes. */
  public MaskSet not() {
    return combine(this, (mask, same) -> mask.not());
  }

  /** Whether every entry kept here is kept by the other set too. */
  public boolean isSubsetOf(MaskSet other) {
    Problem.given(other, "MaskSet.isSubsetOf", "other");
    return andNot(other).kept() == 0;
  }

  /**
   * |a and b| / min(|a|, |b|), from 0 (disjoint) to 1 (one contains the other); 1 if one is empty.
   */
  public double overlap(MaskSet other) {
    Problem.given(other, "MaskSet.overlap", "other");
    long smaller = Math.min(kept(), other.kept());
    return smaller == 0 ? 1 : (double) and(other).kept() / smaller;
  }

  /** Intersection over union, |a and b| / |a or b|, from 0 to 1; 1 if both are empty. */
  public double intersectionOverUnion(MaskSet other) {
    Problem.given(other, "MaskSet.intersectionOverUnion", "other");
    long union = or(other).kept();
    return union == 0 ? 1 : (double) and(other).kept() / union;
  }

  private MaskSet combine(MaskSet other, BinaryOperator<Mask> operator) {
    if (!masks.keySet().asList().equals(other.masks.keySet().asList())) {
      throw Problem.argument(
          "mask sets of different networks",
          "MaskSet",
          masks.keySet(),
          other.masks.keySet(),
          "combine masks of one network");
    }
    Map<String, Mask> result = new LinkedHashMap<>();
    for (Map.Entry<String, Mask> entry : masks.entrySet()) {
      Mask mask = entry.getValue();
      Mask match = other.get(entry.getKey());
      if (!mask.shape().equals(match.shape())) {
        throw Problem.argument(
            "mask shapes differ",
            entry.getKey(),
            mask.shape(),
            match.shape(),
            "combine masks of one network");
      }
      result.put(entry.getKey(), operator.apply(mask, match));
    }
    return new MaskSet(result);
  }

  /**
   * Checks that the set fits a network, in both directions.
   *
   * @throws IllegalArgumentException naming the first missing, unknown or mis-shaped parameter
   */
  public void requireFits(Layout layout) {
    Problem.given(layout, "MaskSet.requireFits", "layout");
    for (int i = 0; i < layout.tensors(); i++) {
      Mask mask = masks.get(layout.path(i));
      if (mask == null) {
        throw Problem.argument(
            "mask missing",
            layout.path(i),
            "masks for " + layout.tensors() + " parameters",
            masks.size() + " masks, none of this name",
            "use the masks made for this network");
      }
      if (!mask.shape().equals(layout.shape(i))) {
        throw Problem.argument(
            "mask shape differs from parameter",
            layout.path(i),
            layout.shape(i),
            mask.shape(),
            "use the masks made for this network");
      }
    }
    for (String path : masks.keySet()) {
      if (!layout.contains(path)) {
        throw Problem.argument(
            "mask of an unknown parameter",
            path,
            "one of " + layout.paths(),
            path,
            "use the masks made for this network");
      }
    }
  }

  /**
   * The same masks in a network's order.
   *
   * @throws IllegalArgumentException as {@link #requireFits(Layout)}
   */
  public MaskSet inOrderOf(Layout layout) {
    Problem.given(layout, "MaskSet.inOrderOf", "layout");
    requireFits(layout);
    return of(layout, i -> get(layout.path(i)));
  }

  /**
   * Sets the weights that this set removes to 0.0, in place; no training. Parameters without a mask
   * stay whole, and so does the network if anything does not fit. {@code PrunedModel.of} does the
   * same and makes a result of it.
   *
   * @throws IllegalArgumentException if a mask is of no parameter of the network, of another shape
   *     than it, of a statistic, or removes weights of a frozen parameter; if a TorchScript module
   *     was not loaded with the option {@code trainParam} = {@code true}
   * @throws IllegalStateException if the network has no weights yet, or a run of another thread is
   *     changing them
   */
  public void applyTo(Model model) {
    Problem.given(model, "MaskSet.applyTo", "model");
    MaskedParameters.of(this, model).zeroRemoved();
  }

  /**
   * Checks what {@link #applyTo} checks and changes nothing.
   *
   * @throws IllegalArgumentException as {@link #applyTo}
   * @throws IllegalStateException as {@link #applyTo}
   */
  public void requireFits(Model model) {
    Problem.given(model, "MaskSet.requireFits", "model");
    MaskedParameters.of(this, model);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof MaskSet other
        && masks.keySet().asList().equals(other.masks.keySet().asList())
        && masks.equals(other.masks);
  }

  @Override
  public int hashCode() {
    return Objects.hash(masks);
  }

  /** Counts, such as {@code 1055 of 5272 kept in 7 parameters}. */
  @Override
  public String toString() {
    return kept() + " of " + size() + " kept in " + masks.size() + " parameters";
  }
}
