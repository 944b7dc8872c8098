package org.vpns.structured.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDManager;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.structured.ChannelGroup;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelRules;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.ChannelUnit.Role;
import org.vpns.structured.FixtureNetworks;

/** Scores of the networks of {@code fixtures/structured.json}. */
class ImportanceFixtureTest {
  /** 1e-6 relative, the fixtures' own bound: float32 weights, sums in double on both sides. */
  private static final double PERCENT = 1e-4;

  static Stream<Arguments> networks() {
    return FixtureNetworks.all().map(json -> Arguments.of(json.get("name").getAsString(), json));
  }

  private static MemberImportance plain(MemberImportance importance) {
    return importance.normaliser(Normaliser.NONE);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void magnitudes_ofAFixture_areItsScores(String name, JsonObject json) {
    try (NDManager manager = NDManager.newBaseManager()) {
      FixtureNetworks.Built built = FixtureNetworks.build(json, manager);
      ChannelGroups groups = ChannelGroups.of(built.network().graph(), built.rules());
      ChannelContext context = ChannelContext.of(built.network(), groups);
      requireScores(plain(Importances.l1()).score(context), json, "l1Mean", s -> s);
      requireScores(plain(Importances.l2()).score(context), json, "l2Mean", s -> s);
      MemberImportance sum = plain(Importances.l2()).reduction(Reduction.SUM);
      requireScores(sum.score(context), json, "groupNorm", Math::sqrt);
    }
  }

  /** What has no norm is kept, as the refusal says. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void normScales_ofAFixture_areItsScores(String name, JsonObject json) {
    try (NDManager manager = NDManager.newBaseManager()) {
      FixtureNetworks.Built built = FixtureNetworks.build(json, manager);
      ChannelRules rules = built.rules();
      ChannelGroups all = ChannelGroups.of(built.network().graph(), rules);
      boolean refused = false;
      for (ChannelUnit unit : all.free()) {
        if (unit.slices(Role.SCALE).isEmpty()) {
          refused = true;
          rules = rules.keepOutputs(unit.slices(Role.OUT).get(0).parameter());
        }
      }
      if (refused) {
        ChannelContext context = ChannelContext.of(built.network(), all);
        assertThatThrownBy(() -> Importances.normScale().score(context))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("nothing to score channels by: norm scale, unit")
            .hasMessageContaining("ChannelRules.keepOutputs(\"");
      }
      ChannelGroups groups = ChannelGroups.of(built.network().graph(), rules);
      ChannelContext context = ChannelContext.of(built.network(), groups);
      requireScores(Importances.normScale().score(context), json, "bnScale", s -> s);
    }
  }

  private static void requireScores(
      ChannelScores scores, JsonObject json, String key, DoubleUnaryOperator form) {
    JsonArray expected = json.getAsJsonArray("groups");
    for (ChannelGroup group : scores.groups().groups()) {
      JsonArray own = expected.get(group.number()).getAsJsonObject().getAsJsonArray(key);
      for (ChannelUnit unit : group.free()) {
        JsonElement score = own.get(unit.number());
        assertThat(form.applyAsDouble(scores.score(unit)))
            .as("%s of %s", key, unit)
            .isCloseTo(score.getAsDouble(), withinPercentage(PERCENT));
      }
    }
  }
}
