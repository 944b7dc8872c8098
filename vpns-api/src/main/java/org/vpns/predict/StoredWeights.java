package org.vpns.predict;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Problem;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.RemovedWeights;
import org.vpns.internal.network.StoredShapes;
import org.vpns.internal.predict.PackedFormat;
import org.vpns.internal.predict.PackedValues;
import org.vpns.io.SafeTensors;

/**
 * The file {@code weights.safetensors} of a result folder, in memory and checked. Since format 2 a
 * masked tensor is there as its kept values alone, in one dimension, in the order of their
 * positions, which {@code masks.vpns} holds; {@link PackedValues} unpacks it.
 */
final class StoredWeights {
  /** One parameter's values: all of them, or those that the mask keeps. */
  private record Stored(NamedParameter parameter, float[] values, @Nullable Mask mask) {}

  private final List<Stored> tensors;

  private StoredWeights(List<Stored> tensors) {
    this.tensors = tensors;
  }

  /**
   * Writes a network's weights, packed.
   *
   * @param masksChecksum of the mask file that belongs to them
   */
  static void write(ParameterPaths parameters, MaskSet masks, String masksChecksum, Path file)
      throws IOException {
    SafeTensors.Builder weights = PackedFormat.builder(masksChecksum);
    for (NamedParameter p : parameters) {
      if (isStored(p)) {
        float[] values = p.parameter().getArray().toFloatArray();
        Mask mask = masks.asMap().get(p.path());
        if (mask == null) {
          weights.putFloats(p.path(), p.shape(), values);
        } else {
          float[] kept = PackedValues.pack(values, mask);
          weights.putFloats(p.path(), new Shape(kept.length), kept);
        }
      }
    }
    weights.write(file);
  }

  /**
   * Writes a network's weights for any reader of safetensors: all dense, removed ones 0, and what
   * is held under several paths under each of them.
   */
  static void writeDense(ParameterPaths parameters, Path file) throws IOException {
    SafeTensors.Builder weights = SafeTensors.builder().metadata("format", "pt");
    for (NamedParameter p : parameters) {
      if (isStored(p)) {
        float[] values = p.parameter().getArray().toFloatArray();
        weights.putFloats(p.path(), p.shape(), values);
        for (NamedParameter same : parameters.sharing(p.path())) {
          weights.putFloats(same.path(), p.shape(), values);
        }
      }
    }
    weights.write(file);
  }

  private static boolean isStored(NamedParameter p) {
    return p.parameter().getArray().getDataType() == DataType.FLOAT32;
  }

  /**
   * The shapes of the parameters whose values a file holds.
   *
   * @param dense whether the file is of the format without packing
   */
  static StoredShapes shapes(Path file, MaskSet masks, boolean dense) throws IOException {
    SafeTensors tensors = SafeTensors.read(file);
    Map<String, Shape> shapes = new HashMap<>();
    for (String name : tensors.names()) {
      Mask mask = dense ? null : masks.asMap().get(name);
      shapes.put(name, mask == null ? tensors.shape(name) : mask.shape());
    }
    return new StoredShapes(shapes);
  }

  /**
   * Reads all values of a network; nothing is changed yet.
   *
   * @param dense whether the file is of the format without packing
   * @throws IOException if the file is damaged or belongs to other masks
   * @throws IllegalArgumentException if it belongs to another network
   */
  static StoredWeights read(
      Path file, Network network, MaskSet masks, String masksChecksum, boolean dense)
      throws IOException {
    SafeTensors tensors = SafeTensors.read(file);
    if (!dense) {
      PackedFormat.require(tensors, masksChecksum, file);
    }
    List<Stored> found = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (NamedParameter p : network.paths()) {
      if (isStored(p)) {
        Mask mask = masks.asMap().get(p.path());
        Mask packed = dense ? null : mask;
        requireShape(tensors, p, packed == null ? p.shape() : new Shape(packed.kept()), file);
        PackedFormat.requireFloats(tensors, p.path(), file);
        float[] values = tensors.floats(p.path());
        if (dense && mask != null) {
          RemovedWeights.requireZero(values, mask, file + ", " + p.path());
        }
        found.add(new Stored(p, values, packed));
        names.add(p.path());
      }
    }
    for (String name : tensors.names()) {
      if (!names.contains(name)) {
        throw Problem.argument(
            "weight of no parameter",
            file + ", " + name,
            names.size() + " parameters",
            tensors.names().size() + " tensors",
            "make the architecture that was pruned");
      }
    }
    return new StoredWeights(found);
  }

  private static void requireShape(SafeTensors tensors, NamedParameter p, Shape shape, Path file) {
    boolean there = tensors.contains(p.path());
    if (!there || !tensors.shape(p.path()).equals(shape)) {
      throw Problem.argument(
          there ? "weight of another shape" : "weight missing",
          file + ", " + p.path(),
          shape,
          there ? tensors.shape(p.path()) : "nothing",
          "make the architecture that was pruned");
    }
  }

  /** Writes the values into the network that they were read for. */
  void into(Network network) {
    for (Stored tensor : tensors) {
      Mask mask = tensor.mask();
      network.overwrite(
          tensor.parameter(),
          memory -> {
            if (mask == null) {
              memory.set(tensor.values());
            } else {
              PackedValues.unpack(tensor.values(), mask, memory.floats());
            }
          });
    }
  }
}
