package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.network.Engines;
import org.vpns.internal.network.ImageComparison;
import org.vpns.internal.network.ImageComparison.Difference;
import org.vpns.internal.network.ImageComparison.Layout;
import org.vpns.internal.network.Jumps;
import org.vpns.internal.onnx.Program.Instruction;

/**
 * Shows that a file made for a fixed number of images may run with another one. A batch of three
 * different images runs beside the file as it is with each image alone, repeated to the file's
 * batch; after every node each image's part of the result must be what the image gives alone. From
 * the first node on that the file would run otherwise with the batch, it runs so beside the others,
 * to tell whether that matters.
 */
final class BatchProof {
  /** How many times the file's batch the inputs of all passes take, at most. */
  static final int PASSES = 7;

  private final Program program;
  private final Passes passes;
  private final long own;
  private final int images;
  private final List<Shape> inputs;
  private final List<DataType> types;

  /** Makes forward passes in evaluation mode. */
  interface Passes {
    /** A pass ready to run. */
    OnnxPass of(NDList inputs, @Nullable BatchLift lift);
  }

  /**
   * @param own the batch of the file
   * @param inputs shape of each input for one image
   * @param types their element types
   */
  BatchProof(Program program, Passes passes, long own, List<Shape> inputs, List<DataType> types) {
    this.program = program;
    this.passes = passes;
    this.own = own;
    this.images = own == 3 ? 4 : 3;
    this.inputs = inputs;
    this.types = types;
  }

  /**
   * The file's batch if it must be opened, or 0 if the file as it is holds for any number of
   * images.
   *
   * @throws IllegalArgumentException if neither does; the message names the node
   */
  long batchToOpen() {
    requireOneImage();
    try {
      return runsAsItIs() ? 0 : own;
    } catch (Exceeded refusal) {
      throw refusal;
    } catch (IllegalArgumentException refusal) {
      // a node whose axes are not followed may be right as it is
      if (resultsAreRightAsTheyAre()) {
        return 0;
      }
      throw refusal;
    }
  }

  /** Whether the file as it is takes as many images as its batch, and has a result for each. */
  boolean answersEach() {
    try (NDManager manager = Engines.newManager("reading an ONNX file")) {
      return alone(manager, 0).run().stream()
          .map(NDArray::getShape)
          .allMatch(shape -> shape.dimension() > 0 && shape.get(0) == own);
    } catch (Exceeded refusal) {
      throw refusal;
    } catch (IllegalArgumentException doesNotRun) {
      return false;
    }
  }

  /** What asks for too much with one image is not tried with all of them side by side. */
  private void requireOneImage() {
    try (NDManager manager = Engines.newManager("reading an ONNX file")) {
      alone(manager, 0).run();
    }
  }

  /** Fails unless the opened file is right; returns whether the file as it is gives the same. */
  private boolean runsAsItIs() {
    try (NDManager manager = Engines.newManager("reading an ONNX file")) {
      BatchLift lift = BatchLift.proving(own, images);
      OnnxPass opened = passes.of(batch(manager), lift);
      OnnxPass plain = null;
      List<OnnxPass> alone = alone(manager);
      ImageComparison comparison = new ImageComparison();
      SideBySide together = new SideBySide(opened, lift, alone, comparison);
      boolean same = true;
      for (Instruction instruction : program.instructions()) {
        alone.forEach(pass -> pass.run(instruction));
        open(opened, instruction);
        if (plain == null && lift.changed()) {
          plain = opened.asItIs();
        }
        same = same && (plain == null || runs(plain, instruction));
        List<Integer> reads = Ints.asList(instruction.inputs());
        for (int place : instruction.outputs()) {
          NDArray found = place < 0 ? null : opened.array(place);
          BatchAxis axis = place < 0 ? null : lift.axis(place);
          if (found != null && axis != null) {
            same =
                same
                    && isSame(comparison, reads, found, plain == null ? found : plain.array(place));
            together.require(instruction, place, found, layout(found, axis), own);
            if (Ints.contains(program.outputs(), place)) {
              requireImagesApart(instruction.node(), found.getShape(), axis);
            }
          }
        }
        opened.release(instruction);
        alone.forEach(pass -> pass.release(instruction));
        if (same && plain != null) {
          plain.release(instruction);
        }
      }
      return same;
    }
  }

  /** Nobody could tell which part of a result is which image's. */
  private void requireImagesApart(OnnxNode node, Shape result, BatchAxis axis) {
    if (!axis.equals(BatchAxis.FIRST) && result.get(axis.axis()) != images) {
      throw new BatchLift.Refused(
          node,
          "images in front of all else in a result, or along an axis of their own",
          result + " for " + images + " images, which lie within axis " + axis.axis(),
          own);
    }
  }

  /** The opened file with all images, and as it is with each alone. */
  private record SideBySide(
      OnnxPass opened, BatchLift lift, List<OnnxPass> alone, ImageComparison comparison) {
    /** Fails unless each image's part of a result is what the image gives alone. */
    void require(Instruction instruction, int place, NDArray found, Layout layout, long own) {
      OnnxNode node = instruction.node();
      List<Integer> reads = Ints.asList(instruction.inputs());
      if (Jumps.may(node.operator(), typesOfImages(reads), found.getDataType())) {
        decideAlike(place, found, layout);
      }
      List<@Nullable NDArray> each = new ArrayList<>();
      alone.forEach(pass -> each.add(pass.array(place)));
      Difference difference = comparison.compare(reads, place, found, each, layout);
      if (difference != null) {
        throw node.problem(
            "images of a batch change each other",
            difference.expected(),
            difference.found(),
            BatchLift.remedy(own));
      }
    }

    private List<DataType> typesOfImages(List<Integer> reads) {
      List<DataType> types = new ArrayList<>();
      for (int read : reads) {
        NDArray array = read < 0 || lift.axis(read) == null ? null : opened.array(read);
        if (array != null) {
          types.add(array.getDataType());
        }
      }
      return types;
    }

    /**
     * Lets each image alone have what it has in the batch, where a result jumps if what the node
     * reads moves by a rounding, as it may: what it reads was shown to be alike, and to hold images
     * in one way.
     */
    private void decideAlike(int place, NDArray found, Layout layout) {
      for (int image = 0; image < alone.size(); image++) {
        NDArray one = alone.get(image).array(place);
        NDArray same =
            one == null ? null : ImageComparison.partOtherThan(one, found, image, layout);
        if (same != null) {
          alone.get(image).replace(place, same);
        }
      }
    }
  }

  private static boolean isSame(
      ImageComparison comparison, List<Integer> reads, NDArray opened, @Nullable NDArray plain) {
    return opened == plain || plain != null && comparison.isSame(reads, opened, plain);
  }

  private Layout layout(NDArray found, BatchAxis axis) {
    long blocks = Shapes.product(found.getShape(), 0, axis.axis()) * axis.outer();
    return new Layout(blocks, images, own);
  }

  private void open(OnnxPass opened, Instruction instruction) {
    try {
      opened.run(instruction);
    } catch (BatchLift.Refused | Exceeded refusal) {
      throw refusal;
    } catch (IllegalArgumentException failure) {
      BatchLift.Refused refusal =
          new BatchLift.Refused(
              instruction.node(),
              "a node that runs with " + images + " images",
              "'" + failure.getMessage() + "'",
              own);
      refusal.initCause(failure);
      throw refusal;
    }
  }

  private static boolean runs(OnnxPass pass, Instruction instruction) {
    try {
      pass.run(instruction);
      return true;
    } catch (IllegalArgumentException doesNotFit) {
      return false;
    }
  }

  /** Whether the file as it is gives three images what each gives alone, by its results. */
  private boolean resultsAreRightAsTheyAre() {
    try (NDManager manager = Engines.newManager("reading an ONNX file")) {
      NDList together = passes.of(batch(manager), null).run();
      List<NDList> each = alone(manager).stream().map(OnnxPass::run).toList();
      for (int output = 0; output < together.size(); output++) {
        if (!rightAsItIs(together.get(output), output, each)) {
          return false;
        }
      }
      return true;
    } catch (IllegalArgumentException doesNotRun) {
      return false;
    }
  }

  private boolean rightAsItIs(NDArray together, int output, List<NDList> each) {
    Shape shape = together.getShape();
    Shape one = each.get(0).get(output).getShape();
    for (int axis = 0; axis < Math.min(shape.dimension(), one.dimension()); axis++) {
      if (shape.get(axis) == images
          && BatchAxis.FIRST.movedTo(axis).resized(shape, images, own).equals(one)) {
        boolean right = true;
        for (int image = 0; image < images && right; image++) {
          NDArray part = together.get(new NDIndex().addAllDim(axis).addSliceDim(image, image + 1));
          right =
              new ImageComparison()
                  .isSame(List.of(), each.get(image).get(output), part.broadcast(one));
        }
        return right;
      }
    }
    return false;
  }

  private NDList batch(NDManager manager) {
    NDList list = new NDList();
    for (int input = 0; input < inputs.size(); input++) {
      Shape shape = new Shape(images).addAll(inputs.get(input));
      float[] values = new float[Math.toIntExact(shape.size())];
      for (int image = 0; image < images; image++) {
        float[] part = image(input, image);
        System.arraycopy(part, 0, values, image * part.length, part.length);
      }
      list.add(manager.create(values, shape).toType(types.get(input), false));
    }
    return list;
  }

  /** One pass for each image, repeated to the file's batch. */
  private List<OnnxPass> alone(NDManager manager) {
    return IntStream.range(0, images).mapToObj(image -> alone(manager, image)).toList();
  }

  private OnnxPass alone(NDManager manager, int image) {
    NDList list = new NDList();
    for (int input = 0; input < inputs.size(); input++) {
      Shape shape = new Shape(own).addAll(inputs.get(input));
      float[] values = new float[Math.toIntExact(shape.size())];
      float[] part = image(input, image);
      for (int i = 0; i < own; i++) {
        System.arraycopy(part, 0, values, i * part.length, part.length);
      }
      list.add(manager.create(values, shape).toType(types.get(input), false));
    }
    return passes.of(list, null);
  }

  private float[] image(int input, int image) {
    Random random = new Random(1000L * input + image);
    float[] values = new float[Math.toIntExact(inputs.get(input).size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
