package org.vpns.onnx.read;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
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
import org.vpns.onnx.read.ParameterPlan.Spec;
import org.vpns.onnx.read.Value.OnDevice;
import org.vpns.onnx.read.Value.OnHost;
import org.vpns.onnx.read.Value.Origin;

/**
 * A network from an ONNX file as a block that learns, is pruned and saved like any other.
 *
 * <p>Its inputs are those of the file, in order; any batch size goes if the file leaves it open.
 * Weights of convolutions are (out, in, ...), those of matrix products (out, in), whatever the file
 * stores. Parameters bear the names of the file where those look like paths, else names made from
 * the nodes that read them: see {@link #getDirectParameters}. Batch norm and dropout follow the
 * flag of the forward pass.
 *
 * <p>Shape arithmetic of the exporter runs in Java. Values are closed as soon as nobody needs them.
 */
public final class OnnxBlock extends AbstractBlock {
  /** How many times as many elements as the input has may be alive at a time. */
  public static final int DEFAULT_GROWTH = 1024;

  private static final long LEAST_LIMIT = 1L << 26;

  private final OnnxFile file;
  private final Program program;
  private final Map<Integer, Parameter> parameterAt = new LinkedHashMap<>();
  private final Map<Integer, Value> constantAt = new LinkedHashMap<>();
  private long maxElements;

  /**
   * Makes the block, with its parameters set from the file.
   *
   * @param manager owns the parameters and constants; the block is of no use after it is closed
   * @throws IOException if weights in another file cannot be read
   * @throws IllegalArgumentException if arithmetic on the file's constants fails
   */
  public OnnxBlock(OnnxFile file, NDManager manager) throws IOException {
    this.file = file;
    this.program = Program.of(file.graph());
    for (Map.Entry<Integer, Spec> entry : program.parameters().entrySet()) {
      parameterAt.put(entry.getKey(), addParameter(parameter(entry.getValue(), manager)));
    }
    for (Map.Entry<Integer, HostTensor> entry : program.constants().entrySet()) {
      HostTensor tensor = entry.getValue();
      boolean asArray = tensor.isFloat() && tensor.size() > 1;
      constantAt.put(entry.getKey(), new OnHost(tensor, asArray ? owned(tensor, manager) : null));
    }
    Shape[] shapes = declaredShapes();
    if (shapes != null) {
      beforeInitialize(shapes);
    }
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

  /** The file that the block was made from. */
  public OnnxFile file() {
    return file;
  }

  /**
   * Names of the file's float tensors with more than one element that are constants here: no
   * gradient changes them, and no method prunes them.
   */
  public List<String> constants() {
    return program.constantNames();
  }

  /**
   * Sets how many elements may be alive at a time during a forward pass; by default {@value
   * #DEFAULT_GROWTH} times those of the input, and at least 2^26. A pass that needs more fails,
   * which keeps a small file from taking all memory.
   *
   * @throws IllegalArgumentException if the number is not positive
   */
  public OnnxBlock optMaxElements(long elements) {
    if (elements < 1) {
      throw Problem.argument(
          "number of elements out of range",
          "OnnxBlock.optMaxElements",
          "at least 1",
          elements,
          "leave it out for the default");
    }
    maxElements = elements;
    return this;
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore parameterStore,
      NDList inputs,
      boolean training,
      @Nullable PairList<String, Object> params) {
    requireInputs(inputs);
    long elements = 0;
    for (NDArray input : inputs) {
      elements += input.getShape().size();
    }
    long limit =
        maxElements > 0
            ? maxElements
            : Math.max(LEAST_LIMIT, Math.multiplyExact(elements, DEFAULT_GROWTH));
    NDArray head = inputs.head();
    Pass pass = new Pass(program, head.getManager(), training, limit);
    for (int i = 0; i < inputs.size(); i++) {
      pass.set(program.inputs()[i], new OnDevice(inputs.get(i), Origin.INPUT));
    }
    parameterAt.forEach(
        (place, parameter) ->
            pass.set(
                place,
                new OnDevice(
                    parameterStore.getValue(parameter, head.getDevice(), training),
                    Origin.PARAMETER)));
    constantAt.forEach(pass::set);
    return pass.run();
  }

  private void requireInputs(NDList inputs) {
    List<OnnxPort> ports = file.inputs();
    boolean fits = inputs.size() == ports.size();
    for (int i = 0; fits && i < ports.size(); i++) {
      Shape declared = ports.get(i).shape();
      fits =
          inputs.get(i).getDataType() == ports.get(i).type()
              && (declared == null || Program.fits(declared, inputs.get(i).getShape()));
    }
    if (!fits) {
      throw Problem.argument(
          "inputs do not fit the network",
          file.graph().source(),
          ports,
          inputs.stream().map(array -> array.getDataType() + " " + array.getShape()).toList(),
          "hand in one array for each input");
    }
  }

  /** Runs the network on zeros: the file need not tell its output shapes. */
  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDList zeros = new NDList();
      for (int i = 0; i < inputShapes.length; i++) {
        zeros.add(manager.zeros(inputShapes[i], file.inputs().get(i).type()));
      }
      return forward(new ParameterStore(manager, false), zeros, false).getShapes();
    }
  }

  /** Closes parameters and constants. */
  @Override
  public void clear() {
    super.clear();
    for (Value constant : constantAt.values()) {
      if (constant instanceof OnHost host && host.copy() != null) {
        host.copy().close();
      }
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
