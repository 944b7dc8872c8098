package org.vpns.graph.trace;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Problem;
import org.vpns.Value;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.SecondRun.Verdict;
import org.vpns.internal.io.MemoryBound;
import org.vpns.internal.network.Engines;
import org.vpns.internal.network.FrozenParameters;
import org.vpns.internal.network.ValueCheck;

/**
 * Reads the {@link ModelGraph} off a block. The block's own code runs, in evaluation mode, with
 * arrays that record every call: at two batch sizes, to tell what depends on the number of images;
 * two images of the larger batch must give, operator by operator, what each gives alone; then the
 * block runs at a third size, and what it gives must be that. What a graph cannot express is
 * refused by name: values that are read, in-place changes of views, random numbers, operators of no
 * image network, TorchScript modules.
 *
 * <pre>{@code
 * ModelGraph graph = BlockTracer.trace(model.getBlock(), new Shape(3, 224, 224));
 * }</pre>
 *
 * <p>The block stays as it is. Cost: layers with weights run for 4 images in all, what is between
 * them for 10, and all of it for some 30 where a block has to be looked at more closely.
 */
public final class BlockTracer extends Value<BlockTracer> {
  private static final int BATCH = 2;
  private static final int OTHER_BATCH = 3;
  private static final int LARGE_BATCH = 5;

  private final ImmutableList<Shape> inputs;
  private boolean dataDependence;
  private int fixedBatch;

  private BlockTracer(List<Shape> inputs) {
    this.inputs = ImmutableList.copyOf(inputs);
  }

  /**
   * A tracer for blocks with inputs of the given shapes.
   *
   * @param inputs shape of each input for one image, without batch: (channels, height, width)
   * @throws IllegalArgumentException if there is none, or a length is below 1
   */
  public static BlockTracer of(Shape... inputs) {
    Problem.givenEach(inputs, "BlockTracer.of", "inputs");
    for (Shape input : inputs) {
      for (long length : input.getShape()) {
        if (length < 1) {
          throw Problem.argument(
              "input without a size",
              "BlockTracer.of",
              "lengths of at least 1, without the batch",
              input,
              "pass for example new Shape(3, 224, 224)");
        }
      }
    }
    if (inputs.length == 0) {
      throw Problem.argument(
          "network without input",
          "BlockTracer.of",
          "at least 1 shape",
          0,
          "pass for example new Shape(3, 224, 224)");
    }
    return new BlockTracer(List.of(inputs));
  }

  /**
   * A tracer that lets the block read values. What it decides by them is frozen into the graph as
   * it was for the random inputs of the trace.
   */
  public BlockTracer allowDataDependence() {
    return with(tracer -> tracer.dataDependence = true);
  }

  /**
   * A tracer whose graphs take exactly so many images at a time. The block may then do what it
   * likes with the axis of the images.
   *
   * @throws IllegalArgumentException if the size is below 1
   */
  public BlockTracer batch(int size) {
    if (size < 1) {
      throw Problem.argument(
          "batch out of range", "BlockTracer.batch", "at least 1 image", size, "pass 1");
    }
    return with(tracer -> tracer.fixedBatch = size);
  }

  /**
   * The graph of a block.
   *
   * @param block an initialised block
   * @param inputs as {@link #of}
   * @throws IllegalArgumentException if a graph cannot express what the block does
   * @throws IllegalStateException if the block has no values yet
   */
  public static ModelGraph trace(Block block, Shape... inputs) {
    Problem.given(block, "BlockTracer.trace", "block");
    Problem.givenEach(inputs, "BlockTracer.trace", "inputs");
    return of(inputs).trace(block);
  }

  /**
   * The graph of a block with the block's own arrays.
   *
   * @param block an initialised block
   * @param inputs as {@link #of}
   * @throws IllegalArgumentException if a graph cannot express what the block does
   * @throws IllegalStateException if the block has no values yet
   */
  public static NetworkValues network(Block block, Shape... inputs) {
    Problem.given(block, "BlockTracer.network", "block");
    Problem.givenEach(inputs, "BlockTracer.network", "inputs");
    return NetworkValues.of(trace(block, inputs), block);
  }

  /**
   * The graph of a block as a block of its own, with copies of the values; what is frozen stays so.
   *
   * @param manager owner of the copies
   * @throws IllegalArgumentException if a graph cannot express what the block does
   * @throws IllegalStateException if the block has no values yet
   */
  public static GraphBlock graphBlock(Block block, NDManager manager, Shape... inputs) {
    Problem.given(block, "BlockTracer.graphBlock", "block");
    Problem.given(manager, "BlockTracer.graphBlock", "manager");
    Problem.givenEach(inputs, "BlockTracer.graphBlock", "inputs");
    GraphBlock graph = GraphBlock.of(network(block, inputs), manager);
    FrozenParameters.copy(block, graph);
    return graph;
  }

  /**
   * The graph of a block; that of a {@link GraphBlock} is its own.
   *
   * @throws IllegalArgumentException if a graph cannot express what the block does
   * @throws IllegalStateException if the block has no values yet, or they were closed
   */
  public ModelGraph trace(Block block) {
    Problem.given(block, "BlockTracer.trace", "block");
    if (block instanceof GraphBlock graphBlock) {
      return graphBlock.graph();
    }
    Problem.open(block, "BlockTracer.trace");
    MemoryBound.requireImages(
        "BlockTracer.trace", inputs, fixedBatch == 0 ? LARGE_BATCH : fixedBatch);
    ParameterPaths parameters = ParameterPaths.of(block);
    for (NamedParameter p : parameters) {
      if (!p.parameter().isInitialized()) {
        throw Problem.state(
            "parameter without values",
            p.path(),
            "an initialised network",
            "none",
            "initialise the block first");
      }
    }
    try (NDManager scope = scope(parameters)) {
      return fixedBatch == 0 ? open(block, parameters, scope) : fixed(block, parameters, scope);
    } catch (IllegalArgumentException e) {
      ValueCheck.requireNumbers(
          parameters); // what is no number is equal to nothing, itself included
      throw e;
    }
  }

  private ModelGraph fixed(Block block, ParameterPaths parameters, NDManager scope) {
    Recording here = new Recording(parameters, scope, dataDependence, Companion.NONE);
    List<Integer> outputs = run(here, block, random(scope, fixedBatch, 1));
    Recording there = new Recording(parameters, scope, dataDependence, Companion.NONE);
    run(there, block, random(scope, fixedBatch, 2));
    ModelGraph graph =
        new GraphAssembly(here, fixedBatch, there, fixedBatch, outputs).graph(parameters);
    verify(graph, block, scope, fixedBatch);
    return graph;
  }

  private ModelGraph open(Block block, ParameterPaths parameters, NDManager scope) {
    Companion outline = dataDependence ? Companion.NONE : Companion.OUTLINE;
    Recording here = new Recording(parameters, scope, dataDependence, outline);
    List<Integer> outputs = run(here, block, random(scope, BATCH, 1));
    Shown shown = shown(here, outputs, block, parameters, scope);
    if (shown != null) {
      boolean agrees =
          shown.alone == Verdict.SAME
              || (shown.alone == Verdict.UNKNOWN && agreesOnOneImage(shown.graph, block, scope));
      if (!agrees) {
        verify(shown.graph, block, scope, OTHER_BATCH);
      }
      return shown.graph;
    }
    Recording there = new Recording(parameters, scope, dataDependence, Companion.NONE);
    run(there, block, random(scope, OTHER_BATCH, 2));
    GraphAssembly assembly = new GraphAssembly(here, BATCH, there, OTHER_BATCH, outputs);
    ModelGraph graph = assembly.graph(parameters);
    verify(graph, block, scope, LARGE_BATCH);
    ImagesApart.require(NetworkValues.of(graph, block), n -> random(scope, n, 4), assembly::place);
    return graph;
  }

  /** A graph whose operators do what the block does, and what the block does with one image. */
  private record Shown(ModelGraph graph, Verdict alone) {}

  /** The graph, if a second run shows that it is right; null if it has to be shown otherwise. */
  private @Nullable Shown shown(
      Recording here,
      List<Integer> outputs,
      Block block,
      ParameterPaths parameters,
      NDManager owner) {
    try (NDManager scope = owner.newSubManager()) {
      NDList batch = random(scope, LARGE_BATCH, 2);
      SecondRun second = new SecondRun(here, outputs, batch, scope);
      Recording there = new Recording(parameters, scope, dataDependence, second);
      GraphAssembly assembly = new GraphAssembly(here, BATCH, there, LARGE_BATCH, outputs);
      second.begin(there, assembly, LARGE_BATCH);
      return run(there, block, batch).equals(outputs)
          ? new Shown(assembly.graph(parameters), second.alone(block))
          : null;
    } catch (RuntimeException notShown) {
      // the longer way tells what is wrong, if anything is
      return null;
    }
  }

  /** A block may treat one image otherwise than several, as by taking its axis away. */
  private boolean agreesOnOneImage(ModelGraph graph, Block block, NDManager scope) {
    try {
      verify(graph, block, scope, 1);
      return true;
    } catch (RuntimeException other) {
      return false;
    }
  }

  private static NDManager scope(ParameterPaths parameters) {
    return parameters.list().isEmpty()
        ? Engines.newManager("reading a graph")
        : parameters.list().get(0).parameter().getArray().getManager().newSubManager();
  }

  private NDList random(NDManager scope, int batch, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    NDList list = new NDList();
    for (Shape input : inputs) {
      Shape shape = new Shape(batch).addAll(input);
      float[] values = new float[Math.toIntExact(shape.size())];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      list.add(scope.create(values, shape));
    }
    return list;
  }

  private static List<Integer> run(Recording recording, Block block, NDList input) {
    try {
      return recording.run(block, input);
    } catch (ClassCastException e) {
      String frame =
          e.getStackTrace().length == 0 ? "" : " in " + e.getStackTrace()[0].getClassName();
      throw new IllegalArgumentException(
          Problem.message(
              "block reaches into the engine",
              recording.place(),
              "methods of NDArray alone",
              block.getClass().getSimpleName() + " casts an array to an engine's class" + frame,
              "write it with methods of NDArray, or give the network as ONNX"),
          e);
    }
  }

  private void verify(ModelGraph graph, Block block, NDManager scope, int batch) {
    Agreement.require(NetworkValues.of(graph, block), block, random(scope, batch, 3));
  }
}
