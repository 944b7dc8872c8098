package org.vpns.structured;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import java.util.List;
import java.util.function.Function;
import org.vpns.structured.ChannelUnit.Slice;

/** Parts of small networks, and what their groups are looked up by. */
final class Parts {
  private Parts() {}

  static SequentialBlock chain(Block... parts) {
    SequentialBlock block = new SequentialBlock();
    for (Block part : parts) {
      block.add(part);
    }
    return block;
  }

  static Block conv(int filters) {
    return grouped(filters, 1);
  }

  static Block grouped(int filters, int groups) {
    return Conv2d.builder()
        .setFilters(filters)
        .setKernelShape(new Shape(3, 3))
        .optPadding(new Shape(1, 1))
        .optGroups(groups)
        .build();
  }

  static Block lambda(Function<NDArray, NDArray> function) {
    return LambdaBlock.singleton(function);
  }

  static Block linear(int units) {
    return Linear.builder().setUnits(units).build();
  }

  /** Each row of some axes with mean 0 and variance 1. */
  static NDArray standardised(NDArray x, int... axes) {
    NDArray centred = x.sub(x.mean(axes, true));
    return centred.div(centred.mul(centred).mean(axes, true).add(1e-5f).sqrt());
  }

  /** Of 4 x 4 maps. */
  static NDArray groupNorm(NDArray x, int channels, int blocks) {
    NDArray rows = x.reshape(-1, blocks, channels / blocks * 16);
    return standardised(rows, 2).reshape(-1, channels, 4, 4);
  }

  static ChannelGroup group(ChannelGroups groups, String name) {
    return groups.groups().stream().filter(g -> g.name().equals(name)).findFirst().orElseThrow();
  }

  /** Positions that each of a group's units has of an axis. */
  static List<List<Integer>> positions(ChannelGroup group, String parameter, int axis) {
    return group.units().stream()
        .map(
            unit ->
                unit.slices().stream()
                    .filter(s -> s.parameter().equals(parameter) && s.axis() == axis)
                    .map(Slice::positions)
                    .findFirst()
                    .orElse(List.of()))
        .toList();
  }
}
