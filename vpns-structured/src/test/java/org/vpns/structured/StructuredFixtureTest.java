package org.vpns.structured;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.graph.LayerTable;
import org.vpns.graph.NetworkValues;
import org.vpns.structured.ChannelUnit.Role;
import org.vpns.structured.ChannelUnit.Slice;

/** Units, removals, shapes and outputs of the networks of {@code fixtures/structured.json}. */
class StructuredFixtureTest {
  /** The bound of the fixtures' README for outputs, float32 here against float64 there. */
  private static final Offset<Float> OUTPUT = within(1e-4f);

  static Stream<Arguments> networks() {
    return FixtureNetworks.all().map(json -> Arguments.of(json.get("name").getAsString(), json));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void groups_ofAFixture_haveItsUnits(String name, JsonObject json) {
    try (NDManager manager = NDManager.newBaseManager()) {
      FixtureNetworks.Built built = FixtureNetworks.build(json, manager);
      ChannelGroups groups = ChannelGroups.of(built.network().graph(), built.rules());
      assertThat(groups.groups().stream().map(StructuredFixtureTest::described))
          .as(groups.toString())
          .containsExactlyElementsOf(
              FixtureNetworks.objects(json.get("groups"))
                  .map(group -> described(group, json))
                  .toList());
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void removal_ofAFixturesUnits_givesItsNetwork(String name, JsonObject json) {
    try (NDManager manager = NDManager.newBaseManager()) {
      FixtureNetworks.Built built = FixtureNetworks.build(json, manager);
      NetworkValues network = built.network();
      ChannelGroups groups = ChannelGroups.of(network.graph(), built.rules());
      List<ChannelUnit> leaving = new ArrayList<>();
      JsonArray expected = json.getAsJsonArray("groups");
      for (ChannelGroup group : groups.groups()) {
        for (JsonElement u :
            expected.get(group.number()).getAsJsonObject().getAsJsonArray("removed")) {
          leaving.add(group.units().get(u.getAsInt()));
        }
      }
      NDArray x = FixtureNetworks.input(json, manager);
      JsonObject dense = json.getAsJsonObject("dense");
      JsonObject half = json.getAsJsonObject("half");
      requireOutputs(network, x, dense);
      requireOutputs(Masking.masked(network, leaving, manager), x, half);
      if (name.equals("split")) {
        // the fixture empties a piece, of which a network keeps a channel
        assertThatThrownBy(() -> groups.removal(network, leaving))
            .hasMessageContaining("nothing left of an axis: split[1]; expected at least 1");
        return;
      }
      NetworkValues smaller = groups.removal(network, leaving).apply(manager);
      requireOutputs(smaller, x, half);
      half.getAsJsonObject("shapes")
          .entrySet()
          .forEach(
              e ->
                  assertThat(smaller.graph().parameter(e.getKey()).shape())
                      .as(e.getKey())
                      .isEqualTo(new Shape(FixtureNetworks.longs(e.getValue()))));
      assertThat(LayerTable.of(smaller.graph()).macs()).isEqualTo(half.get("macs").getAsLong());
      assertThat(trained(smaller)).isEqualTo(half.get("params").getAsLong());
      assertThat(trained(network)).isEqualTo(dense.get("params").getAsLong());
    }
  }

  private static long trained(NetworkValues network) {
    return network.graph().parameters().stream()
        .filter(p -> p.trained())
        .mapToLong(p -> p.shape().size())
        .sum();
  }

  private static void requireOutputs(NetworkValues network, NDArray x, JsonObject counted) {
    float[] found = Masking.run(network, x);
    JsonArray expected = counted.getAsJsonArray("output");
    for (int i = 0; i < expected.size(); i++) {
      assertThat(found[i]).isCloseTo(expected.get(i).getAsFloat(), OUTPUT);
    }
  }

  /** Parameter, axis and role: the positions of each unit; and who stays. */
  private static String described(ChannelGroup group) {
    TreeMap<String, List<List<Integer>>> members = new TreeMap<>();
    List<Integer> staying = new ArrayList<>();
    for (ChannelUnit unit : group.units()) {
      for (Slice slice : unit.slices()) {
        members
            .computeIfAbsent(
                slice.parameter() + " " + slice.axis() + " " + slice.role(),
                key ->
                    IntStream.range(0, group.units().size())
                        .mapToObj(i -> List.<Integer>of())
                        .collect(Collectors.toCollection(ArrayList::new)))
            .set(unit.number(), slice.positions());
      }
      if (!unit.isFree()) {
        staying.add(unit.number());
      }
    }
    return members + ", stay " + staying;
  }

  /** As {@link #described(ChannelGroup)}; channels of the input are no part of a unit here. */
  private static String described(JsonObject group, JsonObject network) {
    List<String> first =
        FixtureNetworks.objects(network.get("ops"))
            .filter(op -> op.has("in") && op.get("in").toString().equals("\"x\""))
            .map(op -> op.has("weight") ? op.get("weight").getAsString() : "")
            .toList();
    TreeMap<String, List<List<Integer>>> members = new TreeMap<>();
    FixtureNetworks.objects(group.get("members"))
        .filter(
            member ->
                !member.get("kind").getAsString().equals("in")
                    || !first.contains(member.get("param").getAsString()))
        .forEach(
            member -> {
              List<List<Integer>> positions = new ArrayList<>();
              for (JsonElement own : member.getAsJsonArray("indices")) {
                List<Integer> one = new ArrayList<>();
                if (own.isJsonArray()) {
                  own.getAsJsonArray().forEach(i -> one.add(i.getAsInt()));
                } else {
                  one.add(own.getAsInt());
                }
                positions.add(one);
              }
              String kind = member.get("kind").getAsString();
              members.put(
                  member.get("param").getAsString()
                      + " "
                      + member.get("axis").getAsInt()
                      + " "
                      + role(kind),
                  positions);
            });
    List<Integer> staying = new ArrayList<>();
    group.getAsJsonArray("frozenUnits").forEach(i -> staying.add(i.getAsInt()));
    return members + ", stay " + staying;
  }

  private static Role role(String kind) {
    return switch (kind) {
      case "out" -> Role.OUT;
      case "in" -> Role.IN;
      case "through" -> Role.THROUGH;
      case "norm" -> Role.SCALE;
      case "bias" -> Role.SHIFT;
      case "stat" -> Role.STATISTIC;
      default -> throw new IllegalArgumentException(kind);
    };
  }
}
