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
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Problem;
import org.vpns.Value;
import org.vpns.io.FormatException;
import org.vpns.io.NamedTensors;
import org.vpns.io.SafeTensors;

/**
 * Weights of a network in a file, by dotted parameter path ({@code layer1.0.conv1.weight}, {@code
 * bn1.running_mean}). The format is told by the content: safetensors, what PyTorch writes (see
 * {@link org.vpns.torch.TorchFile}), or the index of a set of such files. Batch norm's {@code
 * num_batches_tracked} is ignored; other tensors of whole numbers that no parameter has the name of
 * hinder no load.
 *
 * <pre>{@code
 * WeightFile.load(model, file);                                             // every name must fit
 * WeightFile.open(file).stripPrefix("module.").skip("fc\\..*").into(model); // another head
 * WeightFile.open(file).intoByOrder(model);                                 // other names
 * WeightFile.of(TorchFile.read(file).at("ema"), "ema").into(model);         // one of several
 * }</pre>
 *
 * <p>A vector may have axes of length 1 beside it in one of the two: exporters of ONNX files add
 * such to slopes, scales and shifts. What is saved has the network's shapes: PyTorch's own module
 * wants such vectors without these axes.
 *
 * <p>A tied weight, which the network holds under several paths, may be in the file under one of
 * them, or under several with equal values.
 *
 * <p>Everything is checked before the first value is written: a load that fails changes nothing. A
 * load replaces the storage of the parameters' arrays. Files are written as safetensors.
 */
public final class WeightFile extends Value<WeightFile> {
  private final String source;
  private final NamedTensors tensors;
  private UnaryOperator<String> naming = UnaryOperator.identity();

  /** By default an expression that matches nothing. */
  private Pattern skip = Pattern.compile("(?!)");

  private boolean lenient;

  /** The options so far as a program writes them. */
  private String calls = "";

  private WeightFile(String source, NamedTensors tensors) {
    this.source = source;
    this.tensors = tensors;
  }

  /**
   * Opens a file of any format, for a load with options.
   *
   * @throws FormatException if the file is of no known format, breaks its own, or is one of PyTorch
   *     with objects other than weights
   * @throws IOException if it cannot be read
   */
  public static WeightFile open(Path file) throws IOException {
    Problem.given(file, "WeightFile.open", "file");
    return new WeightFile(file.toString(), WeightFormat.open(file));
  }

  /**
   * Weights that were opened elsewhere, for a load with options.
   *
   * @param source what to call them in messages
   */
  public static WeightFile of(NamedTensors tensors, String source) {
    Problem.given(tensors, "WeightFile.of", "tensors");
    Problem.given(source, "WeightFile.of", "source");
    return new WeightFile(source, new GivenTensors(tensors, source));
  }

  /**
   * Fills every parameter of a model; names and shapes must fit without exception.
   *
   * @throws IllegalArgumentException if they do not, listing all that differ
   * @throws IOException as {@link #open}
   */
  public static void load(Model model, Path file) throws IOException {
    Problem.given(model, "WeightFile.load", "model");
    Problem.given(file, "WeightFile.load", "file");
    open(file).into(model);
  }

  /**
   * Fills every parameter of an initialised block; names and shapes must fit without exception.
   *
   * @throws IllegalArgumentException if they do not, listing all that differ
   * @throws IOException as {@link #open}
   */
  public static void load(Block block, Path file) throws IOException {
    Problem.given(block, "WeightFile.load", "block");
    Problem.given(file, "WeightFile.load", "file");
    open(file).into(block);
  }

  /**
   * Writes all parameters of a model, statistics included, in definition order, a tied weight under
   * each of its paths.
   *
   * @throws IllegalStateException as {@link #save(Block, Path, Map)}
   * @throws IllegalArgumentException as {@link #save(Block, Path, Map)}
   * @throws IOException if the file cannot be written
   */
  public static void save(Model model, Path file) throws IOException {
    Problem.given(model, "WeightFile.save", "model");
    Problem.given(file, "WeightFile.save", "file");
    save(Problem.open(model).getBlock(), file, Map.of());
  }

  /**
   * Writes all parameters of a block, statistics included, in definition order, a tied weight under
   * each of its paths, with free text.
   *
   * @throws IllegalStateException if a parameter has no values yet
   * @throws IllegalArgumentException if a parameter is neither float32 nor float64
   */
  public static void save(Block block, Path file, Map<String, String> metadata) throws IOException {
    Problem.given(block, "WeightFile.save", "block");
    Problem.given(file, "WeightFile.save", "file");
    Problem.givenEach(metadata, "WeightFile.save", "metadata");
    SafeTensors.Builder builder = SafeTensors.builder();
    metadata.forEach(builder::metadata);
    ParameterPaths paths = parameters(block);
    for (NamedParameter p : paths) {
      for (String path : TiedWeights.paths(p, paths)) {
        NDArray array = p.parameter().getArray();
        if (array.getDataType() == DataType.FLOAT64) {
          builder.putDoubles(path, array.getShape(), array.toDoubleArray());
        } else {
          builder.putFloats(path, array.getShape(), array.toFloatArray());
        }
      }
    }
    builder.write(file);
  }

  /** Drops this from the front of every name in the file that begins with it. */
  public WeightFile stripPrefix(String beginning) {
    Problem.given(beginning, "WeightFile.stripPrefix", "beginning");
    return naming(
        "stripPrefix",
        name -> name.startsWith(beginning) ? name.substring(beginning.length()) : name,
        beginning);
  }

  /**
   * Changes names of the file: every place where a regular expression matches becomes the
   * replacement, in which {@code $1} stands for the first group. Further calls see the changed
   * names.
   *
   * @throws IllegalArgumentException if the expression is malformed
   */
  public WeightFile rename(String regex, String replacement) {
    Problem.given(regex, "WeightFile.rename", "regex");
    Problem.given(replacement, "WeightFile.rename", "replacement");
    Pattern pattern = compile("rename", regex);
    return naming(
        "rename", name -> pattern.matcher(name).replaceAll(replacement), regex, replacement);
  }

  private WeightFile naming(String option, UnaryOperator<String> next, String... arguments) {
    return with(
        file -> {
          file.naming = name -> next.apply(naming.apply(name));
          file.calls = calls + call(option, arguments);
        });
  }

  private static String call(String option, String... arguments) {
    return Stream.of(arguments)
        .map(text -> '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
        .collect(Collectors.joining(", ", "." + option + "(", ")"));
  }

  /**
   * Leaves parameters alone whose whole path matches a regular expression, and ignores tensors of
   * such names: {@code fc\..*} for a new head.
   *
   * @throws IllegalArgumentException if the expression is malformed
   */
  public WeightFile skip(String regex) {
    Problem.given(regex, "WeightFile.skip", "regex");
    return with(
        file -> {
          file.skip = compile("skip", regex);
          file.calls = calls + call("skip", regex);
        });
  }

  private static Pattern compile(String option, String regex) {
    try {
      return Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw Problem.argument(
          "malformed expression",
          "WeightFile." + option,
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
    return with(
        file -> {
          file.lenient = true;
          file.calls = calls + (lenient ? "" : ".lenient()");
        });
  }

  /** The file's free text by key. */
  public Map<String, String> metadata() {
    return tensors.metadata();
  }

  /** As {@link #into(Block)}. */
  public LoadReport into(Model model) {
    Problem.given(model, "WeightFile.into", "model");
    return into(Problem.open(model).getBlock());
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
    Problem.given(block, "WeightFile.into", "block");
    ParameterPaths parameters = parameters(block);
    NameMatch match = match(parameters);
    match.requireFits(lenient, () -> remedy(match, parameters));
    match
        .tied()
        .requireEqual(tensors, source, path -> skip(path.replace(".", "\\.")).program("into"));
    fill(match.tensorOf());
    return match.report();
  }

  private NameMatch match(ParameterPaths parameters) {
    return NameMatch.of(parameters, tensors, naming, skip, source);
  }

  /** Weights before and after folding have one name, so they would load, and compute else. */
  private String remedy(NameMatch match, ParameterPaths parameters) {
    if (match.bringsMasks()) {
      return "save it once masks are part of the weights: torch.nn.utils.prune.remove(module,"
          + " 'weight') for each pruned module";
    }
    boolean isFolded =
        match.bringsStatistics()
            && parameters.list().stream()
                .noneMatch(p -> p.parameter().getType() == Parameter.Type.RUNNING_MEAN);
    String calls = calls(match, parameters);
    String before = "";
    if (isFolded) {
      before =
          "if batch norm is folded into the network's convolutions, export it anew with batch norm"
              + " kept (training=TrainingMode.TRAINING, do_constant_folding=False); if not, ";
    } else if (match.hasMore()) {
      before =
          "if the network is an ONNX file's, whose exporter makes one of parameters of equal values"
              + " as new ones have, export it anew with these weights in it, or with"
              + " training=TrainingMode.TRAINING, do_constant_folding=False; if not, ";
    } else if (match.namesAlone() && leavesSomeOut(calls)) {
      before =
          "if the network is an ONNX file's that does not tell names, export it anew with"
              + " do_constant_folding=False, which keeps them; if not, ";
    }
    return before + calls;
  }

  private static boolean leavesSomeOut(String calls) {
    return calls.contains(".lenient()") || calls.contains(".skip(");
  }

  /** The calls that load the file, found out by trying those that people need most. */
  private String calls(NameMatch match, ParameterPaths parameters) {
    Map<String, WeightFile> ways = new LinkedHashMap<>();
    for (String prefix : match.prefixes()) {
      WeightFile stripped = stripPrefix(prefix);
      ways.put("strip the prefix '" + prefix + "'", stripped);
      stripped.addRenamed(ways, parameters);
    }
    addRenamed(ways, parameters);
    Set<String> troubled = match.troubled(lenient);
    String layer = troubled.size() == 1 ? troubled.iterator().next() : "";
    if (layer.matches("\\w+")) {
      ways.put("leave out this layer", skip(layer + "\\..*"));
    }
    for (Map.Entry<String, WeightFile> way : List.copyOf(ways.entrySet())) {
      ways.put(way.getKey() + " and take what fits", way.getValue().lenient());
    }
    ways.put("take what fits", lenient());
    for (Map.Entry<String, WeightFile> way : ways.entrySet()) {
      if (way.getValue().loads(parameters)) {
        return way.getKey() + ": " + way.getValue().program("into");
      }
    }
    if (!lenient && match.tensorOf().isEmpty() && inOrder(parameters.list())) {
      return "the shapes fit in order: " + program("intoByOrder");
    }
    return "load the file with the network it was written for, or change its names with rename";
  }

  /** With names changed that module and shape, or shape alone, tell in one way only. */
  private void addRenamed(Map<String, WeightFile> ways, ParameterPaths parameters) {
    Renaming renaming;
    try {
      renaming = match(parameters).renaming(parameters, tensors);
    } catch (IllegalArgumentException e) {
      return; // two names fall together
    }
    WeightFile renamed = this;
    for (Renaming.Call call : renaming.calls()) {
      renamed = renamed.rename(call.regex(), call.replacement());
    }
    if (renamed != this) {
      ways.put(
          renaming.isByShapeAlone()
              ? "names that differ fit by their shapes in one way only; if they are the same layers"
              : "names that differ fit by their modules and shapes in one way only",
          renamed);
    }
  }

  private String program(String last) {
    String begun =
        tensors instanceof GivenTensors
            ? "WeightFile.of(tensors, \"" + source + "\")"
            : "WeightFile.open(file)";
    return begun + calls + "." + last + "(model)";
  }

  private boolean inOrder(List<NamedParameter> parameters) {
    try {
      return !OrderMatch.of(parameters, tensors, skip, source).isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private boolean loads(ParameterPaths parameters) {
    try {
      return match(parameters).fits(lenient);
    } catch (IllegalArgumentException e) {
      return false; // two names fall together
    }
  }

  /** As {@link #intoByOrder(Block)}. */
  public LoadReport intoByOrder(Model model) {
    Problem.given(model, "WeightFile.intoByOrder", "model");
    return intoByOrder(Problem.open(model).getBlock());
  }

  /**
   * Fills the parameters of an initialised block whose names differ from the file's: the first
   * parameter from the first tensor, and so on, both in definition order and without what {@link
   * #skip} names. The report tells the pairs: read them, because layers of one shape in another
   * order go unnoticed.
   *
   * @throws IllegalArgumentException if the counts, a shape or a type differ; the block is
   *     unchanged then
   * @throws IllegalStateException if {@link #lenient} was called, which excludes this
   * @throws java.io.UncheckedIOException as {@link #into(Block)}
   */
  public LoadReport intoByOrder(Block block) {
    Problem.given(block, "WeightFile.intoByOrder", "block");
    if (lenient) {
      throw Problem.state(
          "options exclude each other",
          "WeightFile.intoByOrder",
          "every tensor in its place",
          "lenient",
          "leave out lenient, or load by name");
    }
    List<NamedParameter> parameters = parameters(block).list();
    Map<NamedParameter, String> pairs = OrderMatch.of(parameters, tensors, skip, source);
    fill(pairs);
    List<String> skipped =
        parameters.stream().filter(p -> !pairs.containsKey(p)).map(NamedParameter::path).toList();
    return new LoadReport(NameMatch.byPath(pairs), skipped, List.of(), List.of());
  }

  /** Those of a block that has values, float32 or float64. */
  private static ParameterPaths parameters(Block block) {
    ParameterPaths parameters = ParameterPaths.of(Problem.open(block, "WeightFile"));
    parameters.forEach(WeightFile::requireArray);
    return parameters;
  }

  /** Reads everything before it writes anything. */
  private void fill(Map<NamedParameter, String> tensorOf) {
    Map<Parameter, Object> values = new LinkedHashMap<>();
    tensorOf.forEach(
        (parameter, tensor) ->
            values.put(
                parameter.parameter(),
                isDouble(parameter) ? tensors.doubles(tensor) : tensors.floats(tensor)));
    Map<Parameter, NDArray> before = new LinkedHashMap<>();
    try {
      values.forEach(
          (parameter, array) -> {
            // what is set gets new storage, so that this keeps the old one as it is
            before.put(parameter, parameter.getArray().stopGradient());
            set(parameter, array);
          });
    } catch (Throwable e) {
      // memory may run out half-way
      before.forEach((parameter, old) -> set(parameter, host(old)));
      throw e;
    } finally {
      before.values().forEach(NDArray::close);
    }
  }

  private static Object host(NDArray array) {
    return array.getDataType() == DataType.FLOAT64 ? array.toDoubleArray() : array.toFloatArray();
  }

  private static void set(Parameter parameter, Object values) {
    if (values instanceof double[] doubles) {
      parameter.getArray().set(doubles);
    } else {
      parameter.getArray().set((float[]) values);
    }
  }

  private static boolean isDouble(NamedParameter parameter) {
    return parameter.parameter().getArray().getDataType() == DataType.FLOAT64;
  }

  private static void requireArray(NamedParameter p) {
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
          "initialise it with DataType.FLOAT32");
    }
  }
}
