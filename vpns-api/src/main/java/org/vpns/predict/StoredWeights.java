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
import org.vpns.io.FormatException;
import org.vpns.io.SafeTensors;

/**
 * The file {@code weights.safetensors} of a result folder, in memory and checked. Since format 2 a
 * masked tensor is there as its kept values alone, in one dimension, in the order of their
 * positions, which {@code masks.vpns} holds; {@link PackedValues} unpacks it.
 */
final class StoredWeights {
  static final String NAME = "weights.safetensors";

  private static final String FORMAT = "vpns-packed";
  private static final String VERSION = "1";
  private static final String MASKS = "masks.crc32";

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
    SafeTensors.Builder weights =
        SafeTensors.builder()
            .metadata("format", FORMAT)
            .metadata("version", VERSION)
            .metadata(MASKS, masksChecksum)
            .metadata(
                "packed",
                "tensors named in masks.vpns hold their kept values, in the order of their"
                    + " positions; all others are dense");
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
      expect(tensors.metadata(), "format", FORMAT, file);
      expect(tensors.metadata(), "version", VERSION, file);
      expect(tensors.metadata(), MASKS, masksChecksum, file);
    }
    List<Stored> found = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (NamedParameter p : network.paths()) {
      if (isStored(p)) {
        Mask mask = masks.asMap().get(p.path());
        Mask packed = dense ? null : mask;
        requireShape(tensors, p, packed == null ? p.shape() : new Shape(packed.kept()), file);
        requireFloats(tensors, p.path(), file);
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

  private static void requireFloats(SafeTensors tensors, String path, Path file)
      throws FormatException {
    if (!tensors.type(path).isFloat()) {
      throw new FormatException(
          "weight of another type",
          file.toString(),
          path,
          "floats",
          tensors.type(path),
          "take a copy of the folder as it was written");
    }
  }

  private static void expect(Map<String, String> metadata, String key, String expected, Path file)
      throws IOException {
    String found = metadata.get(key);
    if (!expected.equals(found)) {
      throw new FormatException(
          key.equals(MASKS) ? "weights and masks disagree" : "weights of another format",
          file.toString(),
          "metadata '" + key + "'",
          expected,
          found,
          "use files of one result");
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
