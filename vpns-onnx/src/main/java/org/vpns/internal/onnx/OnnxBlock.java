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
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
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
  private final OnnxFile file;
  private final Program program;
  private final Map<Integer, Parameter> parameterAt = new LinkedHashMap<>();
  private final OnnxOptions options;
  private final FileLimits limits;
  // the batch that the file is made for, if it is to run with others; 0 to run it as it is
  private long openedBatch;

  /**
   * Makes the block, with its parameters set from the file; what could learn does. Passes may take
   * what {@link FileLimits} says.
   *
   * @param manager owns the parameters; the block is of no use after it is closed
   * @throws IOException if weights in another file cannot be read
   * @throws IllegalArgumentException if arithmetic on the file's constants fails
   */
  OnnxBlock(OnnxFile file, NDManager manager) throws IOException {
    this(file, manager, OnnxOptions.keeping(name -> false));
  }

  /**
   * The same.
   *
   * @param options what stays constant, and how images come in
   */
  OnnxBlock(OnnxFile file, NDManager manager, OnnxOptions options) throws IOException {
    this(file, manager, options, FileLimits.usual(file));
  }

  /** The same with other limits. */
  OnnxBlock(OnnxFile file, NDManager manager, OnnxOptions options, FileLimits limits)
      throws IOException {
    this.file = options.floatInputs() ? file.withFloatInputs() : file;
    this.limits = limits;
    this.options = options;
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
   * From now on the file's graph, which is made for so many images, runs with any number; 0 to run
   * it as it is.
   */
  void open(long batch) {
    openedBatch = batch;
  }

  /** How many images the graph is made for that runs otherwise than it is written; else 0. */
  long openedBatch() {
    return openedBatch;
  }

  /**
   * Whether the file's graph runs with any number of images, and each then gets what it gets alone.
   *
   * @param own images that the graph is made for
   * @param inputs shape of each input for one image
   */
  BatchProof proof(long own, Shape... inputs) {
    MemoryBound.requireImages(
        file.source(), List.of(inputs), MemoryBound.times(own, BatchProof.PASSES));
    List<DataType> types = file.inputs().stream().map(OnnxPort::type).toList();
    List<Shape> shapes = Arrays.stream(inputs).map(options::inside).toList();
    return new BatchProof(program, this::pass, own, shapes, types);
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
    OnnxPass pass = new OnnxPass(program, head.getManager(), training, limits.of(inputs), lift);
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
          "hand in one array for each input, of its type and shape");
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
