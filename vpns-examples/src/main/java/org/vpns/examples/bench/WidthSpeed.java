package org.vpns.examples.bench;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.vpns.examples.EngineSettings;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.latency.Latency;
import org.vpns.onnx.OnnxRuntime;

/**
 * What a convolution takes by its number of channels: a chain of them between maps of one width, in
 * ONNX Runtime, one image, one thread; all widths timed in turn. Decides which multiples widths
 * should be when channels leave.
 */
public final class WidthSpeed {
  private static final int LAYERS = 6;
  private static final int SIZE = 28;
  private static final int KERNEL = 3;

  private WidthSpeed() {}

  /** Arguments: the least and the largest width (96 113), rounds (11). */
  public static void main(String[] args) {
    EngineSettings.apply();
    int from = args.length > 0 ? Integer.parseInt(args[0]) : 96;
    int to = args.length > 1 ? Integer.parseInt(args[1]) : 113;
    System.out.print(measure(from, to, args.length > 2 ? Integer.parseInt(args[2]) : 11));
  }

  /** A line for each width, in Markdown. */
  static String measure(int from, int to, int rounds) {
    StringBuilder table =
        new StringBuilder(String.format("| channels | ms | GMAC/s |%n|---:|---:|---:|%n"));
    try (NDManager manager = NDManager.newBaseManager()) {
      List<NetworkValues> chains = new ArrayList<>();
      int[] widths = IntStream.rangeClosed(from, to).toArray();
      for (int width : widths) {
        chains.add(chain(width, manager));
      }
      double[] times = Latency.of(OnnxRuntime.standard()).rounds(rounds).milliseconds(chains);
      for (int i = 0; i < times.length; i++) {
        double macs = (double) LAYERS * KERNEL * KERNEL * SIZE * SIZE * widths[i] * widths[i];
        table.append(
            String.format(
                Locale.ROOT, "| %d | %.2f | %.1f |%n", widths[i], times[i], macs / times[i] / 1e6));
      }
    }
    return table.toString();
  }

  private static NetworkValues chain(int width, NDManager manager) {
    SequentialBlock layers = new SequentialBlock();
    for (int i = 0; i < LAYERS; i++) {
      Block layer =
          Conv2d.builder()
              .setFilters(width)
              .setKernelShape(new Shape(KERNEL, KERNEL))
              .optPadding(new Shape(1, 1))
              .build();
      layers.add(layer).add(Activation::relu);
    }
    Shape image = new Shape(width, SIZE, SIZE);
    layers.initialize(manager, DataType.FLOAT32, new Shape(1).addAll(image));
    return BlockTracer.network(layers, image);
  }
}
