package org.vpns.runtime;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import org.vpns.ImageInput;
import org.vpns.Problem;
import org.vpns.Value;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.GraphTensor;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.predict.ResultDescription;
import org.vpns.internal.predict.ResultFiles;
import org.vpns.internal.runtime.plan.Planner;
import org.vpns.internal.runtime.plan.Program;
import org.vpns.internal.runtime.prepared.Prepared;
import org.vpns.internal.runtime.prepared.PreparedFile;
import org.vpns.internal.runtime.prepared.ResultStamp;
import org.vpns.internal.runtime.run.Machine;
import org.vpns.internal.runtime.run.Runner;
import org.vpns.internal.runtime.run.WarmUp;
import org.vpns.io.FormatException;
import org.vpns.latency.NetworkRuntime;
import org.vpns.predict.PrunedModel;

/**
 * Runs networks on the processor such that removed weights cost no time, in Java alone: {@code
 * SparseRuntime.standard().threads(2).prepare(network)}.
 *
 * <p>Needs the Vector API: start java with {@code --add-modules jdk.incubator.vector}, on a machine
 * whose vectors have at least 8 floats (AVX2, AVX-512). Up to some half of the weights removed,
 * with vectors of 8 floats up to some four fifths, ONNX Runtime is as fast or faster.
 */
public final class SparseRuntime extends Value<SparseRuntime> implements NetworkRuntime {
  private int threads = 1;
  private Duration warmUp = Duration.ofSeconds(10);

  private SparseRuntime() {}

  /** With one thread, warmed up for at most 10 seconds. */
  public static SparseRuntime standard() {
    return new SparseRuntime();
  }

  /** Why this process cannot run networks this way, and what to do about it; empty if it can. */
  public static Optional<String> missing() {
    return Optional.ofNullable(Machine.missing());
  }

  /**
   * Threads that share the work of one call; default 1.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public SparseRuntime threads(int count) {
    if (count < 1) {
      throw Problem.argument(
          "number out of range", "SparseRuntime.threads", "at least 1", count, "1 is the default");
    }
    return with(runtime -> runtime.threads = count);
  }

  /**
   * How long a network may be run on noise, until it no longer becomes faster, before it is given;
   * default 10 seconds. Without any, the first passes take seconds.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public SparseRuntime warmUp(Duration limit) {
    Problem.given(limit, "SparseRuntime.warmUp", "limit");
    if (limit.isNegative()) {
      throw Problem.argument(
          "time out of range", "SparseRuntime.warmUp", "0 or more", limit, "0 is no warm-up");
    }
    return with(runtime -> runtime.warmUp = limit);
  }

  /**
   * Makes a network in evaluation mode ready to run. Its weights are copied.
   *
   * @throws IllegalStateException if {@link #missing()} says so
   * @throws IllegalArgumentException if the network has operators that this runtime does not; names
   *     them; or if a weight is not finite
   */
  public SparseNetwork prepare(NetworkValues network) {
    Problem.given(network, "SparseRuntime.prepare", "network");
    requireMachine();
    long begin = System.nanoTime();
    Program program = plan(network.graph(), p -> network.array(p).toFloatArray());
    return ready(program, image(network.graph()), "planned in " + millisecondsSince(begin));
  }

  /**
   * Makes a saved result ready to classify images, without any engine on the class path; what
   * {@link #savePrepared(Path)} has left there saves the planning.
   *
   * @param folder what {@link PrunedModel#save} wrote
   * @throws FormatException if a file is damaged, or they are of two results
   * @throws IOException if a file is missing or cannot be read, or the folder holds a TorchScript
   *     module
   * @throws IllegalStateException if {@link #missing()} says so, or the prompt is of a kind that
   *     needs an engine and there is none
   * @throws IllegalArgumentException as {@link #prepare(NetworkValues)}
   */
  public SparseModel load(Path folder) throws IOException {
    Problem.given(folder, "SparseRuntime.load", "folder");
    requireMachine();
    long begin = System.nanoTime();
    Prepared kept = PreparedFile.find(folder).orElse(null);
    if (kept != null) {
      return model(kept, "read from " + PreparedFile.name() + " in " + millisecondsSince(begin));
    }
    StoredNetwork stored = StoredNetwork.read(folder);
    begin = System.nanoTime();
    return model(plan(stored, folder), "planned in " + millisecondsSince(begin));
  }

  /**
   * Writes what {@link #load(Path)} needs beside the result, for processes that start later: these
   * then read one file and plan nothing. It serves machines whose vectors have as many floats as
   * this one's. {@code load} leaves a file alone, and says so in the log, once the result is
   * another one, the file is damaged, or another version of vpns wrote it. Threads and warm-up do
   * not matter.
   *
   * @param folder what {@link PrunedModel#save} wrote
   * @return the file, such as {@code prepared-8.sparse}, 8 bytes for each weight that is kept
   * @throws IOException as {@link #load(Path)}, or if the folder cannot be written
   * @throws IllegalStateException as {@link #load(Path)}
   * @throws IllegalArgumentException as {@link #load(Path)}
   */
  public Path savePrepared(Path folder) throws IOException {
    Problem.given(folder, "SparseRuntime.savePrepared", "folder");
    requireMachine();
    ResultFiles.requireFolder(folder);
    ResultStamp stamp = ResultStamp.of(folder);
    return PreparedFile.write(folder, stamp, plan(StoredNetwork.read(folder), folder));
  }

  private static String millisecondsSince(long begin) {
    return Duration.ofNanos(System.nanoTime() - begin).toMillis() + " ms";
  }

  private static Prepared plan(StoredNetwork stored, Path folder) throws FormatException {
    ResultDescription description = stored.description();
    requireImage(stored.graph(), description.toInput(), folder);
    Program program = plan(stored.graph(), p -> stored.values(p));
    if (program.outputs() != description.sources()) {
      throw damaged(folder, description.sources() + " outputs", program.outputs());
    }
    return new Prepared(description, stored.picture(), program);
  }

  private SparseModel model(Prepared prepared, String readied) {
    ResultDescription description = prepared.description();
    return new SparseModel(
        ready(prepared.program(), prepared.image(), readied),
        description.toInput(),
        prepared.picture(),
        description.toMapping(),
        description.classNames());
  }

  private static void requireImage(ModelGraph graph, ImageInput input, Path folder)
      throws FormatException {
    Shape expected = new Shape(input.channels(), input.height(), input.width());
    Shape found = image(graph);
    if (!found.equals(expected)) {
      throw damaged(folder, "a network for images " + expected, found);
    }
  }

  private static FormatException damaged(Path folder, Object expected, Object found) {
    return new FormatException(
        "result folder damaged", folder.toString(), expected, found, "save the result again");
  }

  private static void requireMachine() {
    String missing = Machine.missing();
    if (missing != null) {
      throw Problem.state(
          "no sparse runtime",
          "SparseRuntime.prepare",
          "wide vectors",
          missing,
          "use ONNX Runtime or the engine otherwise");
    }
  }

  private static Program plan(ModelGraph graph, Function<GraphParameter, float[]> weights) {
    return Planner.plan(graph, image(graph), p -> checked(p, weights.apply(p)));
  }

  private SparseNetwork ready(Program program, Shape image, String readied) {
    Runner runner = new Runner(program, threads);
    WarmUp warm = WarmUp.of(runner, program.inputs(), program.outputs(), warmUp);
    return new SparseNetwork(program, runner, image, readied, warm);
  }

  /**
   * Makes a pruned network ready to run, without its prompt and label mapping, which are its
   * translator's.
   *
   * @throws IllegalStateException if {@link #missing()} says so
   * @throws IllegalArgumentException as {@link #prepare(NetworkValues)}
   */
  public SparseNetwork prepare(PrunedModel pruned) {
    Problem.given(pruned, "SparseRuntime.prepare", "pruned");
    Shape image =
        new Shape(pruned.input().channels(), pruned.input().height(), pruned.input().width());
    return prepare(BlockTracer.network(pruned.model().getBlock(), image));
  }

  /** What is not finite makes every output not finite, and nobody would see where it came from. */
  private static float[] checked(GraphParameter parameter, float[] values) {
    if (values.length != parameter.shape().size()) {
      throw Problem.argument(
          "weight of another shape",
          parameter.path(),
          parameter.shape(),
          values.length + " values",
          "pass the weights of this network");
    }
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw Problem.argument(
            "weight that is not finite",
            parameter.path() + ", entry " + i,
            "a finite number",
            values[i],
            "repeat the training that made it, at a lower rate");
      }
    }
    return values;
  }

  private static Shape image(ModelGraph graph) {
    if (graph.inputs().size() != 1) {
      throw Problem.argument(
          "network that the sparse runtime cannot run",
          "SparseRuntime.prepare",
          "one input",
          graph.inputs().size(),
          "run it in the engine or in ONNX Runtime");
    }
    GraphTensor input = graph.tensor(graph.inputs().get(0));
    Shape shape = input.shape();
    boolean images = shape.dimension() > 1 && shape.get(0) == -1;
    for (int i = 1; images && i < shape.dimension(); i++) {
      images = shape.get(i) > 0;
    }
    if (!images || input.type() != DataType.FLOAT32) {
      throw Problem.argument(
          "network that the sparse runtime cannot run",
          "SparseRuntime.prepare",
          "batches of any number of float32 images of one size",
          shape + " " + input.type(),
          "trace it for one size of images");
    }
    return shape.slice(1);
  }

  /** {@inheritDoc} */
  @Override
  public Session open(NetworkValues network, int batch) {
    Problem.given(network, "SparseRuntime.open", "network");
    SparseNetwork prepared = prepare(network);
    float[] images = new float[Math.toIntExact(batch * prepared.image().size())];
    Arrays.fill(images, 1);
    float[] results = new float[batch * prepared.outputs()];
    return new Running(prepared, images, results, batch);
  }

  private record Running(SparseNetwork network, float[] images, float[] results, int batch)
      implements Session {
    @Override
    public void run() {
      network.run(images, batch, results);
    }

    @Override
    public void close() {
      network.close();
    }
  }

  @Override
  public String describe() {
    return "sparse runtime, " + threads + (threads == 1 ? " thread" : " threads");
  }

  @Override
  public String toString() {
    return describe();
  }
}
