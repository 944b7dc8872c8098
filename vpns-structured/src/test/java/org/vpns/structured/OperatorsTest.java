package org.vpns.structured;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.op.ForwardPass;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Filling;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.graph.op.Operators;
import org.vpns.internal.graph.op.Recurrent;
import org.vpns.internal.graph.width.WidthRules;

/** For every operator it is known what it does with channels, or it is named as what stops them. */
class OperatorsTest {
  @Test
  void operators_allOfThem_haveARuleOrReadNothingOrAreNamed() {
    Set<Class<? extends Operator>> without =
        Operators.TYPES.values().stream()
            .filter(type -> !WidthRules.isKnown(type))
            .collect(Collectors.toSet());
    assertThat(without)
        .containsExactlyInAnyOrder(
            Filling.Fill.class, // reads nothing
            Recurrent.class);
  }

  /** An operator of another author: whatever it does, what it reads stays whole. */
  private record Foreign() implements Operator {
    @Override
    public String kind() {
      return "foreign";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] inputs, ForwardPass pass) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> inputs, long batch) {
      return List.of(new Shape(-1, 6));
    }
  }

  @Test
  void operator_thatNobodyKnows_isNamedAsWhatKeepsItsChannels() {
    ModelGraph.Builder builder = ModelGraph.builder();
    int x = builder.input(new Shape(-1, 4), DataType.FLOAT32);
    int first =
        builder.parameter(
            "a.weight", Parameter.Type.WEIGHT, true, new Shape(6, 4), DataType.FLOAT32);
    int second =
        builder.parameter(
            "b.weight", Parameter.Type.WEIGHT, true, new Shape(5, 6), DataType.FLOAT32);
    int third =
        builder.parameter(
            "c.weight", Parameter.Type.WEIGHT, true, new Shape(3, 5), DataType.FLOAT32);
    int a = builder.node("a", new Layers.Linear(), List.of(x, first)).get(0);
    int odd = builder.node("odd", new Foreign(), List.of(a)).get(0);
    int b = builder.node("b", new Layers.Linear(), List.of(odd, second)).get(0);
    int c = builder.node("c", new Layers.Linear(), List.of(b, third)).get(0);
    ChannelGroups groups = ChannelGroups.of(builder.build(List.of(c)));

    assertThat(groups.groups()).extracting(ChannelGroup::name).containsExactly("a", "b", "c");
    assertThat(groups.groups().get(0).units())
        .hasSize(6)
        .allSatisfy(
            unit ->
                assertThat(unit.stays())
                    .isEqualTo(
                        "'odd' (foreign) needs all of what it reads: channels cannot be removed"
                            + " through it"));
    assertThat(groups.groups().get(1).free()).hasSize(5);
  }
}
