package org.vpns.internal.onnx;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.io.MemoryBound;
import org.vpns.internal.onnx.OnnxFile.OnnxPort;

/**
 * A network from a file as operators that train. A file made for a fixed number of images is opened
 * to any number, and shown to give each image what it gives it alone.
 *
 * @param block the operators with their parameters
 * @param constants names of the file's float arrays of more than one element that do not learn
 * @param notes what else its reader should know
 */
public record OnnxNetwork(GraphBlock block, List<String> constants, List<String> notes) {
  private static final String MADE_FOR_SOME =
      "The batch is declared open, but what the file gives an image hangs on how many there are: it"
          + " is opened from %s, so that each gets what it gets alone.";

  /** Numbers of images that exporters trace with; more of them take longer to try. */
  private static final List<Integer> USUAL_BATCHES = List.of(1, 2, 3, 4, 8);

  /** A size that the file tells. */
  private static final long OWN = -1;

  /** How many images the tracer makes at a time. */
  private static final int TRACED = 5;

  /** Copies the lists. */
  public OnnxNetwork {
    constants = ImmutableList.copyOf(constants);
    notes = ImmutableList.copyOf(notes);
  }

  /**
   * Of a file.
   *
   * @param manager owner of the parameters
   * @param perImage shape of each input for one image; none if the file tells them
   * @throws IOException if weights in another file cannot be read, or the file has something that
   *     is read on request only
   * @throws IllegalArgumentException if the file leaves the size of images open and none is given,
   *     or the network takes no batches of several images, or images change each other
   */
  public static OnnxNetwork of(
      OnnxFile file, NDManager manager, OnnxOptions options, Shape... perImage) throws IOException {
    options.requireEnoughFor(file);
    int batch = options.batch();
    Shape[] inputs =
        perImage.length > 0
            ? filled(file, options, perImage)
            : Arrays.stream(perImage(file)).map(options::outside).toArray(Shape[]::new);
    long own = fixedBatch(file);
    if (batch > 0 && own > 0 && batch != own) {
      throw Problem.argument(
          "batch differs from the file's",
          file.source(),
          own,
          batch,
          "pass " + own + ", or none if its images do not change each other");
    }
    // the tracer asks too, but does not know the file's name
    MemoryBound.requireImages(file.source(), List.of(inputs), batch == 0 ? TRACED : batch);
    try (NDManager scope = manager.newSubManager()) {
      OnnxBlock block = new OnnxBlock(file, scope, options);
      GraphBlock traced = new Opening(file, block, inputs).traced(manager, own, batch);
      return new OnnxNetwork(
          traced, block.constants(), own == 0 ? notes(block.openedBatch()) : List.of());
    }
  }

  private static List<String> notes(long opened) {
    return opened == 0
        ? List.of()
        : List.of(String.format(MADE_FOR_SOME, opened == 1 ? "one image" : opened + " images"));
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

  /** Shapes of the inputs without their first axis, the batch. */
  private static Shape[] perImage(OnnxFile file) {
    List<Shape> shapes = new ArrayList<>();
    for (OnnxPort port : file.inputs()) {
      Shape shape = port.shape();
      if (shape != null && shape.dimension() == 0) {
        throw Problem.argument(
            "input without axes",
            file.source() + ", input '" + port.name() + "'",
            "images along its first axis",
            "a single number",
            "export the network for batches of images, its other inputs as constants");
      }
      if (shape == null || hasOpenAxis(shape.slice(1))) {
        throw leftOpen(file, port);
      }
      shapes.add(shape.slice(1));
    }
    return shapes.toArray(Shape[]::new);
  }

  private static IllegalArgumentException leftOpen(OnnxFile file, OnnxPort port) {
    Shape shape = port.shape();
    return Problem.argument(
        "size of images left open",
        file.source() + ", input '" + port.name() + "'",
        "a fixed size for every axis but the first",
        shape == null ? "no shape" : shape,
        "pass it, for example Onnx.read(file, "
            + file.inputs().stream()
                .map(each -> "new Shape" + example(each.shape()))
                .collect(Collectors.joining(", "))
            + ")");
  }

  /** Given shapes with the file's sizes for -1. */
  private static Shape[] filled(OnnxFile file, OnnxOptions options, Shape[] perImage) {
    Shape[] filled = perImage.clone();
    for (int i = 0; i < Math.min(filled.length, file.inputs().size()); i++) {
      if (Arrays.stream(filled[i].getShape()).anyMatch(length -> length == OWN)) {
        OnnxPort port = file.inputs().get(i);
        filled[i] = filled(filled[i], port.shape(), options);
        if (hasOpenAxis(filled[i])) {
          throw leftOpen(file, port);
        }
      }
    }
    return filled;
  }

  private static Shape filled(Shape given, @Nullable Shape declared, OnnxOptions options) {
    if (declared == null || declared.dimension() != given.dimension() + 1) {
      return given;
    }
    Shape own = options.outside(declared.slice(1));
    long[] sizes = given.getShape().clone();
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = sizes[i] == OWN ? own.get(i) : sizes[i];
    }
    return new Shape(sizes);
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

  /** A block on its way to operators. */
  private record Opening(OnnxFile file, OnnxBlock block, Shape... inputs) {
    GraphBlock traced(NDManager manager, long own, int batch) {
      if (batch > 0) {
        BlockTracer tracer = BlockTracer.of(inputs).batch(batch);
        return GraphBlock.of(NetworkValues.of(tracer.trace(block), block), manager);
      }
      if (own > 0 && inputs.length == file.inputs().size()) {
        block.open(block.proof(own, inputs).batchToOpen());
      }
      try {
        return BlockTracer.graphBlock(block, manager, inputs);
      } catch (Exceeded refusal) {
        throw refusal;
      } catch (IllegalArgumentException refusal) {
        // the input may be declared open although the graph was made with a few images
        long made = own > 0 || inputs.length != file.inputs().size() ? 0 : batchItIsMadeFor();
        if (made == 0) {
          throw refusal;
        }
        block.open(made);
        return BlockTracer.graphBlock(block, manager, inputs);
      }
    }

    /** How many images the file can be opened from; 0 for none. */
    private long batchItIsMadeFor() {
      try {
        int batch = 1;
        for (int usual : USUAL_BATCHES) {
          if (block.proof(usual, inputs).answersEach()) {
            batch = usual;
            break;
          }
        }
        return block.proof(batch, inputs).batchToOpen();
      } catch (IllegalArgumentException refusal) {
        return 0;
      }
    }
  }
}
