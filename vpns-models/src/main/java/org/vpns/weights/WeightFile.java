package org.vpns.weights;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Problem;
import org.vpns.io.SafeTensors;

/**
 * Weights of a network in a safetensors file, by dotted parameter path ({@code
 * layer1.0.conv1.weight}, {@code bn1.running_mean}). Batch norm's {@code num_batches_tracked} is
 * ignored.
 *
 * <pre>{@code
 * WeightFile.load(model, file);                                             // every name must fit
 * WeightFile.open(file).stripPrefix("module.").skip("fc\\..*").into(model); // another head
 * }</pre>
 *
 * <p>Everything is checked before the first value is written: a load that fails changes nothing. A
 * load replaces the storage of the parameters' arrays.
 */
public final class WeightFile {
  private final Path path;
  private final SafeTensors tensors;
  private final String prefix;
  private final Pattern skip;
  private final boolean lenient;

  private WeightFile(Path path, SafeTensors tensors, String prefix, Pattern skip, boolean lenient) {
    this.path = path;
    this.tensors = tensors;
    this.prefix = prefix;
    this.skip = skip;
    this.lenient = lenient;
  }

  /**
   * Opens a file, for a load with options.
   *
   * @throws org.vpns.io.SafeTensorsException if the file breaks its format
   * @throws IOException if it cannot be read
   */
  public static WeightFile open(Path file) throws IOException {
    // the expression matches nothing
    return new WeightFile(file, SafeTensors.read(file), "", Pattern.compile("(?!)"), false);
  }

  /**
   * Fills every parameter of a model; names and shapes must fit without exception.
   *
   * @throws IllegalArgumentException if they do not, listing all that differ
   * @throws IOException as {@link #open}
   */
  public static void load(Model model, Path file) throws IOException {
    open(file).into(model);
  }

  /**
   * Fills every parameter of an initialised block; names and shapes must fit without exception.
   *
   * @throws IllegalArgumentException if they do not, listing all that differ
   * @throws IOException as {@link #open}
   */
  public static void load(Block block, Path file) throws IOException {
    open(file).into(block);
  }

  /** Writes all parameters of a model, statistics included, in definition order. */
  public static void save(Model model, Path file) throws IOException {
    save(model.getBlock(), file, Map.of());
  }

  /**
   * Writes all parameters of a block, statistics included, in definition order, with free text.
   *
   * @throws IllegalStateException if a parameter has no values yet
   * @throws IllegalArgumentException if a parameter is neither float32 nor float64
   */
  public static void save(Block block, Path file, Map<String, String> metadata) throws IOException {
    SafeTensors.Builder builder = SafeTensors.builder();
    metadata.forEach(builder::metadata);
    for (NamedParameter p : ParameterPaths.of(block)) {
      NDArray array = requireArray(p);
      if (array.getDataType() == DataType.FLOAT64) {
        builder.putDoubles(p.path(), array.getShape(), array.toDoubleArray());
      } else {
        builder.putFloats(p.path(), array.getShape(), array.toFloatArray());
      }
    }
    builder.write(file);
  }

  /** Drops this from the front of every name in the file that begins with it. */
  public WeightFile stripPrefix(String beginning) {
    return new WeightFile(path, tensors, beginning, skip, lenient);
  }

  /**
   * Leaves parameters alone whose whole path matches a regular expression, and ignores tensors of
   * such names: {@code fc\..*} for a new head.
   *
   * @throws IllegalArgumentException if the expression is malformed
   */
  public WeightFile skip(String regex) {
    try {
      return new WeightFile(path, tensors, prefix, Pattern.compile(regex), lenient);
    } catch (PatternSyntaxException e) {
      throw Problem.argument(
          "malformed expression",
          "WeightFile.skip",
          "a regular expression",
          "'" + regex + "': " + e.getDescription(),
          "write for example fc\\..*");
    }
  }

  /**
   * Takes what fits: parameters that the file lacks keep their values, tensors that no parameter
   * wants are ignored. Both are reported. A tensor of the right name and another shape stays an
   * error.
   */
  public WeightFile lenient() {
    return new WeightFile(path, tensors, prefix, skip, true);
  }

  /** The file's free text by key. */
  public Map<String, String> metadata() {
    return tensors.metadata();
  }

  /** As {@link #into(Block)}. */
  public LoadReport into(Model model) {
    return into(model.getBlock());
  }

  /**
   * Fills the parameters of an initialised block.
   *
   * @throws IllegalArgumentException if names, shapes or types do not fit, listing all that differ;
   *     the block is unchanged then
   * @throws java.io.UncheckedIOException if the file cannot be read any more; the block is
   *     unchanged then
   */
  public LoadReport into(Block block) {
    List<NamedParameter> parameters = ParameterPaths.of(block).list();
    parameters.forEach(WeightFile::requireArray);
    NameMatch match = NameMatch.of(parameters, tensors, prefix, skip, path.toString());
    match.requireFits(lenient);
    Map<Parameter, Object> values = new LinkedHashMap<>();
    match
        .tensorOf()
        .forEach(
            (parameter, tensor) ->
                values.put(
                    parameter.parameter(),
                    isDouble(parameter) ? tensors.doubles(tensor) : tensors.floats(tensor)));
    values.forEach(
        (parameter, array) -> {
          if (array instanceof double[] doubles) {
            parameter.getArray().set(doubles);
          } else {
            parameter.getArray().set((float[]) array);
          }
        });
    return match.report();
  }

  private static boolean isDouble(NamedParameter parameter) {
    return parameter.parameter().getArray().getDataType() == DataType.FLOAT64;
  }

  private static NDArray requireArray(NamedParameter p) {
    if (!p.parameter().isInitialized()) {
      throw Problem.state(
          "parameter without values",
          p.path(),
          "an initialised network",
          "none",
          "initialise the block first");
    }
    NDArray array = p.parameter().getArray();
    if (array.getDataType() != DataType.FLOAT32 && array.getDataType() != DataType.FLOAT64) {
      throw Problem.argument(
          "parameter of another type",
          p.path(),
          "float32 or float64",
          array.getDataType(),
          "convert the network");
    }
    return array;
  }
}
