package org.vpns.structured.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDManager;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.FixtureNetworks;
import org.vpns.structured.score.ChannelContext;
import org.vpns.structured.score.Importances;
import org.vpns.structured.score.Normaliser;
import org.vpns.testing.Fixtures;
import org.vpns.train.Regulariser;

/**
 * What is added to gradients, against the members and scores of {@code fixtures/structured.json}
 * entry by entry, and against the norms that stand there.
 */
class RegulariserFixtureTest {
  /** Of the largest entry: a product and a sum of float32, and scores of 9 digits. */
  private static final double RELATIVE = 1e-6;

  static Stream<Arguments> networks() {
    return FixtureNetworks.all().map(json -> Arguments.of(json.get("name").getAsString(), json));
  }

  static Stream<Arguments> regularisers() {
    return FixtureNetworks.objects(Fixtures.json("structured").get("regulariser"))
        .map(json -> Arguments.of(json.get("network").getAsString(), json));
  }

  private static JsonObject network(String name) {
    return FixtureNetworks.all()
        .filter(json -> json.get("name").getAsString().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** The bound that the study states for this fixture. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("regularisers")
  void depGraph_ofAFixture_addsItsNorms_1e5Relative(String name, JsonObject json) {
    double lambda = json.get("reg").getAsDouble();
    double alpha = json.get("alpha").getAsDouble();
    try (NDManager manager = NDManager.newBaseManager()) {
      FixtureNetworks.Built built = FixtureNetworks.build(network(name), manager);
      HeldWeights held = new HeldWeights(built.network());
      held.added(Regularisers.depGraph(lambda).alpha(alpha), built.rules());
      Map<String, Double> norms = new LinkedHashMap<>();
      held.gradients()
          .forEach(
              (path, added) -> {
                double squares = 0;
                for (float value : added) {
                  squares += (double) value * value;
                }
                if (squares > 0) {
                  norms.put(path, Math.sqrt(squares));
                }
              });
      JsonObject expected = json.getAsJsonObject("addedGradientNorm");
      assertThat(norms.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
      norms.forEach(
          (path, norm) ->
              assertThat(norm)
                  .as(path)
                  .isCloseTo(expected.get(path).getAsDouble(), withinPercentage(1e-3)));
      Map<String, double[]> gammas = new LinkedHashMap<>();
      FixtureNetworks.objects(json.get("groups"))
          .forEach(group -> gammas.put(group.get("id").getAsString(), doubles(group.get("gamma"))));
      requireAdded(held, network(name), false, (group, h) -> times(gammas.get(id(group)), lambda));
    }
  }

  /** What regularisers read anew in each step is what the importance of magnitude scores once. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void meanSquares_areTheScoresOfMagnitude(String name, JsonObject json) {
    try (NDManager manager = NDManager.newBaseManager()) {
      FixtureNetworks.Built built = FixtureNetworks.build(json, manager);
      ChannelGroups groups = ChannelGroups.of(built.network().graph(), built.rules());
      HeldWeights held = new HeldWeights(built.network());
      double[] found =
          new TrainedGroups(built.network().graph(), groups, held, name)
              .weights()
              .meanSquares(held);
      ChannelScores scores =
          Importances.l2()
              .normaliser(Normaliser.NONE)
              .score(ChannelContext.of(built.network(), groups));
      assertThat(found).hasSize(groups.free().size());
      for (int u = 0; u < found.length; u++) {
        // both are sums of squares in double precision, in another order
        assertThat(found[u]).isCloseTo(scores.score(groups.free().get(u)), withinPercentage(1e-6));
      }
    }
  }

  /** 2^(4 (max - I) / (max - min)) with I the root of the fixture's scores; depthwise rows too. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void depGraph_ofAnyNetwork_decaysEachUnitByItsScore(String name, JsonObject json) {
    requireFactors(
        json,
        Regularisers.depGraph(0.5),
        (group, held) -> {
          double[] roots = each(doubles(group.get("l2Mean")), Math::sqrt);
          double max = max(roots);
          double min = -max(times(roots, -1));
          return each(roots, i -> 0.5 * (max > min ? Math.pow(16, (max - i) / (max - min)) : 1));
        });
  }

  /** lambda sqrt(n) / |w|, |w| the fixture's norm of the unit. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void groupLasso_ofAnyNetwork_addsTheGradientOfTheNorms(String name, JsonObject json) {
    requireFactors(
        json,
        Regularisers.groupLasso(0.5),
        (group, held) -> {
          double[] norms = doubles(group.get("groupNorm"));
          double[] factors = new double[norms.length];
          for (int u = 0; u < norms.length; u++) {
            int unit = u;
            double n =
                weights(group)
                    .mapToDouble(member -> entries(member, held) * indices(member, unit).size())
                    .sum();
            factors[u] = norms[u] == 0 ? 0 : 0.5 * Math.sqrt(n) / norms[u];
          }
          return factors;
        });
  }

  /** start at first; after an epoch start + delta (max S - S) / (max S - min S + 1e-8). */
  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void growing_ofAnyNetwork_growsByItsScores(String name, JsonObject json) {
    requireFactors(
        json,
        Regularisers.growing(0.25, 2),
        (group, held) -> each(doubles(group.get("l2Mean")), s -> 0.25));
    try (NDManager manager = NDManager.newBaseManager()) {
      FixtureNetworks.Built built = FixtureNetworks.build(json, manager);
      HeldWeights held = new HeldWeights(built.network());
      Regulariser.Term term = held.begin(Regularisers.growing(0.25, 2), built.rules());
      term.epochEnded(held);
      term.epochEnded(held);
      term.add(held);
      requireAdded(
          held,
          json,
          true,
          (group, h) -> {
            double[] scores = doubles(group.get("l2Mean"));
            double max = max(scores);
            double min = -max(times(scores, -1));
            return each(scores, s -> 0.25 + 2 * 2 * (max - s) / (max - min + 1e-8));
          });
    }
  }

  /** By which factor the weights of each unit of a group are added. */
  private interface Factors {
    double[] of(JsonObject group, HeldWeights held);
  }

  private static void requireFactors(
      JsonObject json, ChannelRegulariser<?> regulariser, Factors factors) {
    try (NDManager manager = NDManager.newBaseManager()) {
      FixtureNetworks.Built built = FixtureNetworks.build(json, manager);
      HeldWeights held = new HeldWeights(built.network());
      held.added(regulariser, built.rules());
      requireAdded(held, json, true, factors);
    }
  }

  /** Each entry got its value times the sum of the factors of all units that it lies in. */
  private static void requireAdded(
      HeldWeights held, JsonObject json, boolean depthwise, Factors factors) {
    Map<String, double[]> sums = new LinkedHashMap<>();
    held.gradients().forEach((path, added) -> sums.put(path, new double[added.length]));
    FixtureNetworks.objects(json.get("groups"))
        .filter(group -> group.getAsJsonArray("frozenUnits").isEmpty())
        .forEach(
            group -> {
              double[] own = factors.of(group, held);
              weights(group)
                  .filter(member -> depthwise || !kind(member).equals("through"))
                  .forEach(member -> spread(held, member, own, sums));
            });
    held.gradients()
        .forEach(
            (path, added) -> {
              double[] expected = sums.get(path);
              double largest = 0;
              for (int i = 0; i < added.length; i++) {
                expected[i] *= held.weight(path)[i];
                largest = Math.max(largest, Math.abs(expected[i]));
              }
              for (int i = 0; i < added.length; i++) {
                assertThat((double) added[i])
                    .as("%s[%s]", path, i)
                    .isCloseTo(expected[i], within(RELATIVE * largest));
              }
            });
  }

  private static void spread(
      HeldWeights held, JsonObject member, double[] own, Map<String, double[]> sums) {
    String path = member.get("param").getAsString();
    int axis = member.get("axis").getAsInt();
    int length = (int) held.shape(path).get(axis);
    int inner = (int) held.shape(path).slice(axis + 1).size();
    for (int unit = 0; unit < own.length; unit++) {
      List<Integer> positions = indices(member, unit);
      for (int i = 0; i < sums.get(path).length; i++) {
        if (positions.contains(i / inner % length)) {
          sums.get(path)[i] += own[unit];
        }
      }
    }
  }

  private static Stream<JsonObject> weights(JsonObject group) {
    return FixtureNetworks.objects(group.get("members"))
        .filter(member -> !List.of("bias", "stat").contains(kind(member)));
  }

  private static String kind(JsonObject member) {
    return member.get("kind").getAsString();
  }

  private static String id(JsonObject group) {
    return group.get("id").getAsString();
  }

  /** Entries of one position of a member. */
  private static double entries(JsonObject member, HeldWeights held) {
    String path = member.get("param").getAsString();
    return (double) held.weight(path).length / held.shape(path).get(member.get("axis").getAsInt());
  }

  private static List<Integer> indices(JsonObject member, int unit) {
    JsonElement own = member.getAsJsonArray("indices").get(unit);
    List<Integer> positions = new ArrayList<>();
    if (own.isJsonArray()) {
      own.getAsJsonArray().forEach(i -> positions.add(i.getAsInt()));
    } else {
      positions.add(own.getAsInt());
    }
    return positions;
  }

  private static double[] doubles(JsonElement array) {
    JsonArray values = array.getAsJsonArray();
    return StreamSupport.stream(values.spliterator(), false)
        .mapToDouble(JsonElement::getAsDouble)
        .toArray();
  }

  private static double[] each(double[] values, DoubleUnaryOperator f) {
    return Arrays.stream(values).map(f).toArray();
  }

  private static double[] times(double[] values, double factor) {
    return each(values, v -> v * factor);
  }

  private static double max(double[] values) {
    return Arrays.stream(values).max().orElseThrow();
  }
}
