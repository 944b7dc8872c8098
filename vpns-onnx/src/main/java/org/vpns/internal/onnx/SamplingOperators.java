package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.io.FormatException;

/**
 * Maps looked at in places that other values say, as in spatial transformers.
 *
 * <p>A place between pixels takes part of the two beside it, each the more the nearer: a product of
 * matrices, which learns as one. A place on a pixel is the first of those that it shares with the
 * next one, so that it learns too, and one on the border that holds it stays there: as in PyTorch.
 * Cubic sampling takes part of four pixels by a kernel of A = -0.75, each of which may lie outside.
 */
final class SamplingOperators {
  private static final Map<String, Way> WAYS =
      Map.of(
          "nearest", Way.NEAREST,
          "linear", Way.LINEAR,
          "bilinear", Way.LINEAR,
          "cubic", Way.CUBIC,
          "bicubic", Way.CUBIC);

  /** Of the cubic kernel: its slope one pixel away. */
  private static final float A = -0.75f;

  private SamplingOperators() {}

  static void addTo(OperatorTable table) {
    table.since(16, "GridSample", SamplingOperators::gridSample);
  }

  /** Of how many pixels a place takes part. */
  private enum Way {
    NEAREST,
    LINEAR,
    CUBIC
  }

  /** What a place outside of the map stands for. */
  private enum Outside {
    ZEROS,
    BORDER,
    REFLECTION
  }

  private static Step gridSample(OnnxNode node) throws FormatException {
    node.requireInputs(2, 2);
    String mode = node.text("mode", "linear");
    Way way = WAYS.get(mode);
    if (way == null) {
      throw node.outOfRange(
          "mode", "bilinear (linear), bicubic (cubic) or nearest", "'" + mode + "'");
    }
    Outside outside = outside(node);
    boolean corners = node.flag("align_corners", false);
    return in -> {
      in.requireRank(0, 4, 4);
      in.requireRank(1, 4, 4);
      in.requireSameType(in.value(0), in.value(1));
      Shape maps = in.shape(0);
      Shape grid = in.shape(1);
      // what all images share has a batch of one
      boolean shared = grid.get(0) == 1 || maps.get(0) == 1;
      if (grid.get(3) != 2 || !shared && grid.get(0) != maps.get(0)) {
        throw in.problem(
            "places do not fit the maps",
            "2 numbers for each, for " + maps.get(0) + " images",
            grid,
            "export the model again");
      }
      Sampling sampling = new Sampling(in, way, outside, corners);
      long places = grid.get(1) * grid.get(2);
      long rows = maps.get(1) * maps.get(2);
      long images = Math.max(maps.get(0), grid.get(0));
      Shape mixed = new Shape(images, rows, places);
      in.requireRoom(mixed, 3);
      in.requireSums(mixed, maps.get(3) + 1);
      NDArray lines = in.temporary(in.array(0).reshape(maps.get(0), rows, maps.get(3)));
      NDArray across = in.temporary(lines.matMul(sampling.parts(0, maps.get(3))));
      NDArray split = in.temporary(across.reshape(images, maps.get(1), maps.get(2), places));
      NDArray down = in.temporary(sampling.parts(1, maps.get(2)).expandDims(1));
      NDArray sum = in.temporary(in.temporary(split.mul(down)).sum(new int[] {2}));
      return List.of(OnnxValue.of(sum.reshape(images, maps.get(1), grid.get(1), grid.get(2))));
    };
  }

  private static Outside outside(OnnxNode node) throws FormatException {
    String mode = node.text("padding_mode", "zeros");
    @Nullable Outside found =
        switch (mode) {
          case "zeros" -> Outside.ZEROS;
          case "border" -> Outside.BORDER;
          case "reflection" -> Outside.REFLECTION;
          default -> null;
        };
    if (found == null) {
      throw node.outOfRange("padding_mode", "zeros, border or reflection", "'" + mode + "'");
    }
    return found;
  }

  /**
   * How places along an axis fall on its pixels.
   *
   * @param corners whether -1 and 1 are the middles of the first and last pixel, or their rims
   */
  private record Sampling(Operands in, Way way, Outside outside, boolean corners) {
    /** What each place takes of each of {@code size} pixels: (images, size, places). */
    NDArray parts(int coordinate, long size) {
      Shape grid = in.shape(1);
      Shape flat = new Shape(grid.get(0), 1, grid.get(1) * grid.get(2));
      in.requireRoom(new Shape(flat.get(0), size, flat.get(2)), way == Way.CUBIC ? 15 : 6);
      NDArray given =
          in.temporary(
              in.array(1).get(new NDIndex().addAllDim(3).addSliceDim(coordinate, coordinate + 1)));
      NDArray pixels = pixels(in.temporary(given.reshape(flat)), size);
      DataType type = in.engineType(0);
      NDArray numbers =
          in.constant(
              HostTensor.made(
                  ElementType.of(type), new Shape(1, size, 1), i -> i, i -> (double) i));
      if (way == Way.CUBIC) {
        return cubic(pixels, numbers, size);
      }
      NDArray places = inside(pixels, size);
      if (way == Way.NEAREST) {
        return hits(in.temporary(places.round()), numbers);
      }
      NDArray first = in.temporary(places.floor());
      NDArray beyond = in.temporary(places.sub(first));
      NDArray at = hits(first, numbers);
      NDArray turn = in.temporary(hits(in.temporary(first.add(1f)), numbers).sub(at));
      return in.temporary(at.add(in.temporary(turn.mul(beyond))));
    }

    /** Ones where places are pixels. */
    private NDArray hits(NDArray places, NDArray numbers) {
      return in.temporary(in.temporary(places.eq(numbers)).toType(in.engineType(0), false));
    }

    /**
     * Of the pixels one before a place to two after it; each of them may lie outside, so that the
     * place itself is not held.
     */
    private NDArray cubic(NDArray pixels, NDArray numbers, long size) {
      NDArray first = in.temporary(pixels.floor());
      NDArray beyond = in.temporary(pixels.sub(first));
      NDArray before = in.temporary(in.temporary(beyond.neg()).add(1f));
      NDArray[] parts = {
        outer(in.temporary(beyond.add(1f))),
        inner(beyond),
        inner(before),
        outer(in.temporary(before.add(1f)))
      };
      NDArray sum = in.temporary(hits(pixel(first, size), numbers).mul(parts[1]));
      for (int i : new int[] {0, 2, 3}) {
        NDArray tap = in.temporary(first.add(i - 1f));
        NDArray part = in.temporary(hits(pixel(tap, size), numbers).mul(parts[i]));
        sum = in.temporary(sum.add(part));
      }
      return sum;
    }

    /** (A + 2) d^3 - (A + 3) d^2 + 1, less than a pixel away. */
    private NDArray inner(NDArray d) {
      NDArray line = in.temporary(in.temporary(d.mul(A + 2)).sub(A + 3));
      NDArray squares = in.temporary(d.mul(d));
      return in.temporary(in.temporary(line.mul(squares)).add(1f));
    }

    /** A d^3 - 5 A d^2 + 8 A d - 4 A, less than two pixels away. */
    private NDArray outer(NDArray d) {
      NDArray line = in.temporary(in.temporary(d.mul(A)).sub(5 * A));
      NDArray curve = in.temporary(in.temporary(line.mul(d)).add(8 * A));
      return in.temporary(in.temporary(curve.mul(d)).sub(4 * A));
    }

    /** The pixel that a whole number stands for; none, if it is outside and zeros are there. */
    private NDArray pixel(NDArray tap, long size) {
      return switch (outside) {
        case ZEROS -> tap;
        case BORDER -> in.temporary(tap.clip(0f, size - 1f));
        case REFLECTION -> in.temporary(reflected(tap, size).clip(0f, size - 1f));
      };
    }

    /** In the steps of the standard, which round a place that is a pixel to the same side of it. */
    private NDArray pixels(NDArray places, long size) {
      NDArray from = in.temporary(places.add(1f));
      if (corners) {
        return in.temporary(in.temporary(from.div(2f)).mul(size - 1f));
      }
      return in.temporary(in.temporary(in.temporary(from.mul(size)).sub(1f)).div(2f));
    }

    private NDArray inside(NDArray pixels, long size) {
      return switch (outside) {
        // what lies further out is 0 as well, and stays a number
        case ZEROS -> in.temporary(pixels.clip(-1f, size));
        case BORDER -> held(pixels, size);
        case REFLECTION -> held(reflected(pixels, size), size);
      };
    }

    /** Between the first and the last pixel. On these, too, no gradient leads out or back. */
    private NDArray held(NDArray pixels, long size) {
      if (way == Way.NEAREST) {
        return in.temporary(pixels.clip(0f, size - 1f));
      }
      NDArray above = in.temporary(pixels.getNDArrayInternal().relu());
      NDArray left = in.temporary(in.temporary(above.neg()).add(size - 1f));
      NDArray held = in.temporary(left.getNDArrayInternal().relu());
      return in.temporary(in.temporary(held.neg()).add(size - 1f));
    }

    /** Thrown back from rim to rim: a saw-tooth of the distance from the first one. */
    private NDArray reflected(NDArray pixels, long size) {
      float first = corners ? 0 : -0.5f;
      float width = corners ? size - 1 : size;
      if (width == 0) {
        return in.temporary(pixels.mul(0f));
      }
      NDArray away = in.temporary(in.temporary(pixels.sub(first)).abs());
      NDArray rounds = in.temporary(in.temporary(away.div(2 * width)).floor());
      NDArray left = in.temporary(away.sub(in.temporary(rounds.mul(2 * width))));
      NDArray back = in.temporary(in.temporary(left.sub(width)).abs());
      return in.temporary(in.temporary(back.neg()).add(first + width));
    }
  }
}
