package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.io.MemoryBound;
import org.vpns.internal.network.Engines;
import org.vpns.internal.onnx.OnnxFile.OnnxPort;
import org.vpns.internal.onnx.OnnxValue.OnDevice;
import org.vpns.internal.onnx.OnnxValue.Origin;
import org.vpns.internal.onnx.ParameterPlan.Spec;

/**
 * A network from an ONNX file as a block that learns, is pruned and saved like any other.
 *
 * <p>Its inputs are those of the file, in order; any batch size goes if the file leaves it open.
 * Weights of convolutions are (out, in, ...), those of matrix products (out, in), whatever the file
 * stores. Parameters bear the names of the file where those could be a state dict's, else names
 * made from the nodes that read them: see {@link #getDirectParameters}. Batch norm and dropout
 * follow the flag of the forward pass.
 *
 * <p>Shape arithmetic of the exporter runs in Java. Values are closed as soon as nobody needs them.
 */
public final class OnnxBlock extends AbstractBlock {
  private static final long LEAST_LIMIT = 1L << 26;
  private static final int GROWTH = 1024;

  /*
   * Elements that a pass makes in all: networks for images of 224 or 640 pixels make 200 to 800
   * times as many as the image has, those for 32 pixels up to some 20,000 times, with millions of
   * stored numbers then. Without those a file is small whatever its images, and so is what it may
   * ask for.
   */
  private static final long LEAST_MADE = 1L << 24;
  private static final int MADE_PER_PLAIN_INPUT = 1 << 4;
  private static final int MADE_PER_INPUT = 1 << 14;
  private static final int MADE_PER_STORED = 16;

  /** More of them, of a file for a large batch, still need no more stored numbers. */
  private static final long MOST_IMAGES = 8;

  /** Nodes read two or three values for each that they make. */
  private static final int SEEN_PER_MADE = 4;

  /*
   * Multiply-adds of a pass: those of a plain network are few. Convolutions take a parameter to
   * each place of their images at most; where results are larger than images, the last ones go to
   * more places, or those of a network that makes images of some numbers to about a thousand.
   */
  private static final long LEAST_SUMS = 1L << 29;
  private static final long SUMS_PER_PLACE = 4;
  private static final int SUMS_PER_STORED = 1 << 10;

  /** How many images the tracer makes at a time. */
  private static final int TRACED = 5;

  private final OnnxFile file;
  private final Program program;
  private final Map<Integer, Parameter> parameterAt = new LinkedHashMap<>();
  private final LongUnaryOperator limit;
  private final OnnxOptions options;
  private final long stored;
  // the batch that the file is made for, if it is to run with others; 0 to run it as it is
  private long openedBatch;

  /**
   * Makes the block, with its parameters set from the file; what could learn does. A forward pass
   * may have 1024 times as many elements alive at a time as its input has, and at least 2^26, as
   * far as the machine's memory goes; in all it may make 2^24, 2^4 times as many as its input has,
   * 16 for each parameter, and 2^14 times the smaller of input and parameters; and it may go
   * through four times as many, sums counted by their terms. One that needs more fails, which keeps
   * a small file from taking all memory or time.
   *
   * @param manager owns the parameters; the block is of no use after it is closed
   * @throws IOException if weights in another file cannot be read
   * @throws IllegalArgumentException if arithmetic on the file's constants fails
   */
  OnnxBlock(OnnxFile file, NDManager manager) throws IOException {
    this(file, manager, OnnxBlock::usualLimit);
  }

  /**
   * @param limit how many elements may be alive at a time, given how many the input has
   */
  OnnxBlock(OnnxFile file, NDManager manager, LongUnaryOperator limit) throws IOException {
    this(file, manager, limit, OnnxOptions.keeping(name -> false));
  }

  /**
   * @param limit how many elements may be alive at a time, given how many the input has
   * @param options what stays constant, and how images come in
   */
  OnnxBlock(OnnxFile file, NDManager manager, LongUnaryOperator limit, OnnxOptions options)
      throws IOException {
    this.file = options.floatInputs() ? file.withFloatInputs() : file;
    this.limit = limit;
    this.options = options;
    this.stored = file.storedNumbers();
    this.program = Program.of(file, options.constant());
    for (Map.Entry<Integer, Spec> entry : program.parameters().entrySet()) {
      parameterAt.put(entry.getKey(), addParameter(parameter(entry.getValue(), manager)));
    }
    Shape[] shapes = declaredShapes();
    if (shapes != null) {
      beforeInitialize(shapes);
    }
  }

  /**
   * A network as operators that train.
   *
   * @param constants names of the file's float arrays of more than one element that do not learn
   */
  public record Network(GraphBlock block, List<String> constants) {
    public Network {
      constants = ImmutableList.copyOf(constants);
    }
  }

  /**
   * A network from a file as operators that train. A file made for a fixed number of images is
   * opened to any number, and shown to give each image what it gives it alone.
   *
   * @param manager owner of the parameters
   * @param perImage shape of each input for one image; none if the file tells them
   * @throws IOException if weights in another file cannot be read, or the file has something that
   *     is read on request only
   * @throws IllegalArgumentException if the file leaves the size of images open and none is given,
   *     or the network takes no batches of several images, or images change each other
   */
  public static Network network(
      OnnxFile file, NDManager manager, OnnxOptions options, Shape... perImage) throws IOException {
    options.requireEnoughFor(file);
    int batch = options.batch();
    Shape[] inputs = perImage.length > 0 ? perImage : turned(perImage(file), options::outside);
    long own = fixedBatch(file);
    if (batch > 0 && own > 0 && batch != own) {
      throw Problem.argument(
          "batch differs from the file's",
          file.source(),
          own,
          batch,
          "pass " + own + ", or none: the file is then opened to any number of images");
    }
    // the tracer asks too, but does not know the file's name
    MemoryBound.requireImages(file.source(), List.of(inputs), batch == 0 ? TRACED : batch);
    try (NDManager scope = manager.newSubManager()) {
      OnnxBlock block = new OnnxBlock(file, scope, OnnxBlock::usualLimit, options);
      return new Network(block.traced(manager, own, batch, inputs), block.constants());
    }
  }

  private static Shape[] turned(Shape[] images, UnaryOperator<Shape> turn) {
    return Arrays.stream(images).map(turn).toArray(Shape[]::new);
  }

  private GraphBlock traced(NDManager manager, long own, int batch, Shape... inputs) {
    if (batch > 0) {
      BlockTracer tracer = BlockTracer.of(inputs).batch(batch);
      return GraphBlock.of(NetworkValues.of(tracer.trace(this), this), manager);
    }
    if (own > 0 && inputs.length == file.inputs().size()) {
      openedBatch = proof(own, inputs).batchToOpen();
    }
    try {
      return BlockTracer.graphBlock(this, manager, inputs);
    } catch (Exceeded refusal) {
      throw refusal;
    } catch (IllegalArgumentException refusal) {
      // the input may be declared open although the graph was made with one image
      if (own > 0 || !opensFromOneImage(inputs)) {
        throw refusal;
      }
      openedBatch = 1;
      return BlockTracer.graphBlock(this, manager, inputs);
    }
  }

  private BatchProof proof(long own, Shape... inputs) {
    MemoryBound.requireImages(
        file.source(), List.of(inputs), MemoryBound.times(own, BatchProof.PASSES));
    List<DataType> types = file.inputs().stream().map(OnnxPort::type).toList();
    List<Shape> shapes = List.of(turned(inputs, options::inside));
    return new BatchProof(program, this::pass, own, shapes, types);
  }

  private boolean opensFromOneImage(Shape... inputs) {
    try {
      return inputs.length == file.inputs().size() && proof(1, inputs).batchToOpen() == 1;
    } catch (IllegalArgumentException refusal) {
      return false;
    }
  }

  /** The number of images that all inputs are declared with; 0 if it is open or differs. */
  private static long fixedBatch(OnnxFile file) {
    long batch = 0;
    for (OnnxPort port : file.inputs()) {
      Shape shape = port.shape();
      long declared = shape == null || shape.dimension() == 0 ? 0 : Math.max(0, shape.get(0));
      if (declared == 0 || batch > 0 && declared != batch) {
        return 0;
      }
      batch = declared;
    }
    return batch;
  }

  private static long usualLimit(long input) {
    return Math.min(MemoryBound.engine(), Math.max(LEAST_LIMIT, MemoryBound.times(input, GROWTH)));
  }

  private OnnxPass.Limit limits(NDList inputs) {
    long input = 0;
    long places = 0;
    for (NDArray each : inputs) {
      input += each.size();
      places += places(each.getShape());
    }
    Shape head = inputs.head().getShape();
    long images = Math.min(head.dimension() == 0 ? 1 : head.get(0), MOST_IMAGES);
    // inputs and parameters fit into memory, so only products of both may overflow
    long made =
        LEAST_MADE
            + MADE_PER_PLAIN_INPUT * input
            + MADE_PER_STORED * stored
            + MADE_PER_INPUT * Math.min(input, images * stored);
    long each = SUMS_PER_STORED + MemoryBound.times(SUMS_PER_PLACE, places);
    long sums = Math.max(LEAST_SUMS, MemoryBound.times(each, stored));
    return new OnnxPass.Limit(limit.applyAsLong(input), made, SEEN_PER_MADE * made, sums);
  }

  /** Places of maps of images, whichever axis holds the channels; else elements. */
  private static long places(Shape shape) {
    long elements = shape.size();
    long channels =
        shape.dimension() < 4 ? 1 : Arrays.stream(shape.slice(1).getShape()).min().orElse(1);
    return elements / Math.max(1, channels);
  }

  /** Shapes of the inputs without their first axis, the batch. */
  private static Shape[] perImage(OnnxFile file) {
    List<Shape> shapes = new ArrayList<>();
    for (OnnxPort port : file.inputs()) {
      Shape shape = port.shape();
      if (shape == null || shape.dimension() == 0 || hasOpenAxis(shape.slice(1))) {
        throw Problem.argument(
            "size of images left open",
            file.source() + ", input '" + port.name() + "'",
            "a fixed size for every axis but the first",
            shape == null ? "no shape" : shape,
            "pass it: Onnx.read(file, "
                + file.inputs().stream()
                    .map(each -> "new Shape" + example(each.shape()))
                    .collect(Collectors.joining(", "))
                + ")");
      }
      shapes.add(shape.slice(1));
    }
    return shapes.toArray(Shape[]::new);
  }

  /** A shape for one image that agrees with what the file says. */
  private static Shape example(@Nullable Shape declared) {
    Shape image = declared == null ? new Shape(3, 224, 224) : declared;
    if (declared != null && declared.dimension() > 0) {
      image = declared.slice(1);
    }
    long[] sizes = image.getShape().clone();
    boolean maps = sizes.length == 3;
    boolean channelsLast = maps && sizes[2] > 0 && sizes[2] < 5;
    for (int i = 0; i < sizes.length; i++) {
      if (sizes[i] < 1) {
        sizes[i] = !maps ? 16 : i == 0 && !channelsLast ? 3 : 224;
      }
    }
    return new Shape(sizes);
  }

  private static boolean hasOpenAxis(Shape shape) {
    return Arrays.stream(shape.getShape()).anyMatch(length -> length < 1);
  }

  private static Parameter parameter(Spec spec, NDManager manager) throws IOException {
    Parameter parameter =
        Parameter.builder()
            .setName(spec.name())
            .setType(spec.type())
            .optRequiresGrad(spec.learns())
            .build();
    HostTensor tensor = spec.tensor().read();
    NDArray array = owned(spec.transposed() ? tensor.transposed() : tensor, manager);
    array.setRequiresGradient(spec.learns());
    parameter.setArray(array);
    return parameter;
  }

  /** An array with memory of its own: what is made from Java's arrays only borrows theirs. */
  private static NDArray owned(HostTensor tensor, NDManager manager) {
    try (NDArray borrowed = tensor.toArray(manager)) {
      return borrowed.duplicate();
    }
  }

  private Shape @Nullable [] declaredShapes() {
    List<OnnxPort> ports = file.inputs();
    Shape[] shapes = new Shape[ports.size()];
    for (int i = 0; i < shapes.length; i++) {
      Shape shape = ports.get(i).shape();
      if (shape == null) {
        return null;
      }
      shapes[i] = shape;
    }
    return shapes;
  }

  /**
   * Names of the file's float tensors with more than one element that are constants here: no
   * gradient changes them, and no method prunes them.
   */
  List<String> constants() {
    return program.constantNames();
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore parameterStore,
      NDList inputs,
      boolean training,
      @Nullable PairList<String, Object> params) {
    NDList turned = turned(inputs);
    NDList given = widened(turned);
    requireInputs(given);
    NDList outputs = forwardGiven(parameterStore, given, training);
    return given == turned ? outputs : narrowed(outputs);
  }

  /** Images have their channels first everywhere: those for a network that has them last turn. */
  private NDList turned(NDList inputs) {
    NDList result = new NDList();
    for (NDArray input : inputs) {
      Shape shape = input.getShape();
      boolean turns = shape.dimension() == 4 && options.turns(shape.slice(1));
      result.add(turns ? input.transpose(0, 2, 3, 1) : input);
    }
    return result;
  }

  /** Images are float32 everywhere: those for a network of float64 are widened. */
  private NDList widened(NDList inputs) {
    List<OnnxPort> ports = file.inputs();
    NDList result = new NDList();
    boolean same = true;
    for (int i = 0; i < inputs.size(); i++) {
      NDArray input = inputs.get(i);
      boolean wide = i < ports.size() && ports.get(i).type() == DataType.FLOAT64;
      boolean widen = wide && input.getDataType() == DataType.FLOAT32;
      result.add(widen ? input.toType(DataType.FLOAT64, false) : input);
      same &= !widen;
    }
    return same ? inputs : result;
  }

  private static NDList narrowed(NDList outputs) {
    NDList result = new NDList();
    for (NDArray output : outputs) {
      boolean wide = output.getDataType() == DataType.FLOAT64;
      result.add(wide ? output.toType(DataType.FLOAT32, false) : output);
    }
    return result;
  }

  private NDList forwardGiven(ParameterStore parameterStore, NDList inputs, boolean training) {
    long batch = inputs.head().getShape().dimension() == 0 ? 0 : inputs.head().getShape().get(0);
    BatchLift lift = openedBatch == 0 ? null : new BatchLift(openedBatch, batch);
    return pass(parameterStore, inputs, training, lift).run();
  }

  private OnnxPass pass(NDList inputs, @Nullable BatchLift lift) {
    ParameterStore store = new ParameterStore(inputs.head().getManager(), false);
    return pass(store, inputs, false, lift);
  }

  /** A forward pass that is ready to run. */
  private OnnxPass pass(
      ParameterStore store, NDList inputs, boolean training, @Nullable BatchLift lift) {
    NDArray head = inputs.head();
    OnnxPass pass = new OnnxPass(program, head.getManager(), training, limits(inputs), lift);
    for (int i = 0; i < inputs.size(); i++) {
      NDArray input = inputs.get(i);
      DataType declared = file.inputs().get(i).type();
      boolean same = input.getDataType() == declared;
      int place = program.inputs()[i];
      pass.set(place, new OnDevice(same ? input : input.toType(declared, false), Origin.INPUT));
      if (lift != null) {
        lift.input(place);
      }
    }
    parameterAt.forEach(
        (place, parameter) ->
            pass.set(
                place,
                new OnDevice(
                    store.getValue(parameter, head.getDevice(), training), Origin.PARAMETER)));
    program.constants().forEach((place, tensor) -> pass.set(place, OnnxValue.of(tensor)));
    return pass;
  }

  private void requireInputs(NDList inputs) {
    List<OnnxPort> ports = file.inputs();
    boolean fits = inputs.size() == ports.size();
    for (int i = 0; fits && i < ports.size(); i++) {
      Shape declared = ports.get(i).shape();
      fits =
          fits(inputs.get(i).getDataType(), ports.get(i).type())
              && (declared == null || Program.fits(declared, inputs.get(i).getShape()));
    }
    if (!fits) {
      throw Problem.argument(
          "inputs do not fit the network",
          file.source(),
          ports,
          inputs.stream().map(array -> array.getDataType() + " " + array.getShape()).toList(),
          "hand in one array for each input");
    }
  }

  /** Images are floats, also for a file that declares them as doubles. */
  private static boolean fits(DataType given, DataType declared) {
    return given == declared || given == DataType.FLOAT32 && declared == DataType.FLOAT64;
  }

  /** Runs the network on zeros: the file need not tell its output shapes. */
  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    try (NDManager manager = Engines.newManager("reading an ONNX file")) {
      NDList zeros = new NDList();
      for (int i = 0; i < inputShapes.length; i++) {
        zeros.add(manager.zeros(inputShapes[i], file.inputs().get(i).type()));
      }
      return forward(new ParameterStore(manager, false), zeros, false).getShapes();
    }
  }

  /** File and number of parameters. */
  @Override
  public String toString() {
    long elements =
        parameterAt.values().stream().mapToLong(p -> p.getArray().getShape().size()).sum();
    return "OnnxBlock("
        + file
        + ", "
        + parameterAt.size()
        + " parameters of "
        + elements
        + " elements, inputs "
        + Arrays.toString(declaredShapes())
        + ")";
  }
}
