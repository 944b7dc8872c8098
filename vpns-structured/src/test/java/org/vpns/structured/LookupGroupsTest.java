package org.vpns.structured;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.ModelGraph;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Indexing;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.graph.op.Reductions;
import org.vpns.internal.graph.op.Shaping;

/** A table of five codes of six channels: each image goes on with the code nearest to it. */
class LookupGroupsTest {
  private static int weight(ModelGraph.Builder builder, String path, long... shape) {
    return builder.parameter(path, Parameter.Type.WEIGHT, true, new Shape(shape), DataType.FLOAT32);
  }

  /**
   * @param elements whether each channel is looked up by itself, at an index made for it
   */
  private static ModelGraph codes(boolean elements) {
    ModelGraph.Builder builder = ModelGraph.builder();
    int x = builder.input(new Shape(-1, 4), DataType.FLOAT32);
    int table = weight(builder, "codes.weight", 5, 6);
    int z =
        builder
            .node("a", new Layers.Linear(), List.of(x, weight(builder, "a.weight", 6, 4)))
            .get(0);
    int each = builder.node("each", new Shaping.ExpandDims(1), List.of(z)).get(0);
    int away =
        builder
            .node("away", new Elementwise.Binary(Elementwise.Pair.SUB), List.of(each, table))
            .get(0);
    int squares =
        builder
            .node("squares", new Elementwise.Unary(Elementwise.Function.SQUARE), List.of(away))
            .get(0);
    int distances =
        builder
            .node(
                "distances",
                new Reductions.Reduce(Reductions.Kind.SUM, List.of(2), false),
                List.of(squares))
            .get(0);
    int nearest =
        builder.node("nearest", new Reductions.ArgExtreme(true, 1), List.of(distances)).get(0);
    int code;
    if (elements) {
      int column = builder.node("column", new Shaping.ExpandDims(1), List.of(nearest)).get(0);
      int places =
          builder.node("places", new Shaping.Broadcast(List.of(0L, 6L)), List.of(column)).get(0);
      code = builder.node("code", new Indexing.Gather(0), List.of(table, places)).get(0);
    } else {
      code = builder.node("code", new Indexing.Take(0), List.of(table, nearest)).get(0);
    }
    int b = weight(builder, "b.weight", 3, 6);
    return builder.build(builder.node("b", new Layers.Linear(), List.of(code, b)));
  }

  @Test
  void channels_ofATable_leaveWithThoseOfWhatIsComparedAndOfWhatReadsIt() {
    try (NDManager manager = NDManager.newBaseManager()) {
      GraphBlock block = GraphBlock.of(codes(false), manager);
      block
          .getParameters()
          .forEach(
              p -> {
                var array = p.getValue().getArray();
                array.set(manager.randomNormal(array.getShape()).toFloatArray());
              });
      GroupsCheck check = GroupsCheck.of(block.network(), new Shape(4), manager);
      assertThat(check.compared()).isEqualTo(1);
      ChannelGroup group = check.groups().groups().get(0);
      assertThat(group.name()).isEqualTo("a");
      assertThat(group.free()).hasSize(6);
      assertThat(group.units().get(2).slices())
          .extracting(Object::toString)
          .containsExactlyInAnyOrder("a.weight[0: 2]", "codes.weight[1: 2]", "b.weight[1: 2]");
    }
  }

  @Test
  void channels_lookedUpOneByOne_stayAndSayWhy() {
    ChannelGroups groups = ChannelGroups.of(codes(true));
    assertThat(groups.groups())
        .allSatisfy(group -> assertThat(group.free()).isEmpty())
        .flatExtracting(ChannelGroup::units)
        .extracting(ChannelUnit::stays)
        .contains(
            "'code' (gather) must lose the same positions of values and places, of which some"
                + " stay");
  }
}
