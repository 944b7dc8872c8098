package org.vpns.structured.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.Sparsity;
import org.vpns.graph.LayerTable;
import org.vpns.graph.NetworkValues;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.FixtureNetworks;
import org.vpns.structured.Masking;
import org.vpns.testing.Fixtures;

/** Plans of {@code fixtures/structured.json}. */
class PlanFixtureTest {
  private static JsonObject network(String name) {
    return FixtureNetworks.all()
        .filter(json -> json.get("name").getAsString().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** The fixture's scores, as they are or divided by their mean in each group. */
  private static ChannelScores scores(JsonObject network, ChannelGroups groups, boolean relative) {
    JsonArray json = network.getAsJsonArray("groups");
    return ChannelScores.of(
        groups,
        unit -> {
          JsonArray own = json.get(unit.group()).getAsJsonObject().getAsJsonArray("l2Mean");
          double mean = 0;
          for (JsonElement score : own) {
            mean += score.getAsDouble() / own.size();
          }
          return own.get(unit.number()).getAsDouble() / (relative ? mean : 1);
        });
  }

  private static List<List<Integer>> lists(JsonElement arrays) {
    List<List<Integer>> lists = new ArrayList<>();
    for (JsonElement array : arrays.getAsJsonArray()) {
      List<Integer> list = new ArrayList<>();
      array.getAsJsonArray().forEach(e -> list.add(e.getAsInt()));
      lists.add(list);
    }
    return lists;
  }

  static Stream<Arguments> budgets() {
    return FixtureNetworks.objects(Fixtures.json("structured").get("budgets"))
        .flatMap(
            each ->
                FixtureNetworks.objects(each.get("plans"))
                    .map(plan -> Arguments.of(each.get("network").getAsString(), plan)));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("budgets")
  void plan_underABudget_isTheFixtures(String name, JsonObject expected) {
    try (NDManager manager = NDManager.newBaseManager()) {
      JsonObject json = network(name);
      FixtureNetworks.Built built = FixtureNetworks.build(json, manager);
      ChannelGroups groups = ChannelGroups.of(built.network().graph(), built.rules());
      long most = expected.get("budget").getAsLong();
      boolean macs = expected.get("cost").getAsString().equals("macs");
      if (most == 0) {
        return; // no budget at all
      }
      ChannelSelection selection =
          ChannelSelection.of(macs ? ChannelBudget.macs(most) : ChannelBudget.parameters(most))
              .global()
              .roundTo(expected.get("roundTo").getAsInt())
              .minKeep(expected.get("minKeep").getAsInt());
      long value = expected.get("value").getAsLong();
      ChannelScores scores = scores(json, groups, true);
      if (!expected.get("reached").getAsBoolean()) {
        assertThatThrownBy(() -> selection.plan(scores))
            .hasMessageMatching(
                "budget out of reach: (macs|parameters); expected <= [\\d,]+, found nearest "
                    + String.format(Locale.ROOT, "%,d", value)
                    + " \\(all groups at their floor\\); .*");
        return;
      }
      ChannelPlan plan = selection.plan(scores);
      assertThat(plan.groups().stream().map(ChannelPlan.Group::removed))
          .as(plan.toString())
          .containsExactlyElementsOf(lists(expected.get("removed")));
      assertThat(macs ? plan.after().macs() : plan.after().parameters()).isEqualTo(value);
    }
  }

  static Stream<Arguments> networks() {
    return FixtureNetworks.all().map(json -> Arguments.of(json.get("name").getAsString(), json));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void plan_forHalfTheChannelsOfEachGroup_isTheFixtures(String name, JsonObject json) {
    try (NDManager manager = NDManager.newBaseManager()) {
      FixtureNetworks.Built built = FixtureNetworks.build(json, manager);
      ChannelGroups groups = ChannelGroups.of(built.network().graph(), built.rules());
      ChannelPlan plan =
          ChannelSelection.of(ChannelBudget.channels(Sparsity.of(0.5)))
              .local()
              .minKeep(1)
              .plan(scores(json, groups, false));
      List<List<Integer>> removed =
          new ArrayList<>(
              FixtureNetworks.objects(json.get("groups"))
                  .map(group -> lists(array(group.get("removed"))).get(0))
                  .toList());
      if (name.equals("split")) {
        // the fixture empties a piece; the last of it stays, and the next in order leaves
        assertThat(plan.groups().get(0).removed()).hasSameSizeAs(removed.get(0));
        removed.set(0, plan.groups().get(0).removed());
      }
      assertThat(plan.groups().stream().map(ChannelPlan.Group::removed))
          .as(plan.toString())
          .containsExactlyElementsOf(removed);
      NetworkValues smaller = plan.apply(built.network(), manager);
      assertThat(LayerTable.of(smaller.graph()).macs()).isEqualTo(plan.after().macs());
      if (!name.equals("split")) {
        JsonObject half = json.getAsJsonObject("half");
        assertThat(plan.after().macs()).isEqualTo(half.get("macs").getAsLong());
        assertThat(plan.after().parameters()).isEqualTo(half.get("params").getAsLong());
        for (Map.Entry<String, JsonElement> shape : half.getAsJsonObject("shapes").entrySet()) {
          assertThat(smaller.graph().parameter(shape.getKey()).shape())
              .isEqualTo(new Shape(FixtureNetworks.longs(shape.getValue())));
        }
        float[] found = Masking.run(smaller, FixtureNetworks.input(json, manager));
        JsonArray output = half.getAsJsonArray("output");
        for (int i = 0; i < output.size(); i++) {
          // the bound of the fixtures' README for outputs
          assertThat((double) found[i]).isCloseTo(output.get(i).getAsDouble(), offset(1e-4));
        }
      }
    }
  }

  private static JsonArray array(JsonElement one) {
    JsonArray array = new JsonArray();
    array.add(one);
    return array;
  }
}
