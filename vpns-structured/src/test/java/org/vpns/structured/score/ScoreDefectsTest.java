package org.vpns.structured.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.vpns.structured.score.HandNetworks.array;
import static org.vpns.structured.score.HandNetworks.context;
import static org.vpns.structured.score.HandNetworks.first;
import static org.vpns.structured.score.HandNetworks.plain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.graph.NetworkValues;
import org.vpns.internal.graph.op.Indexing;
import org.vpns.internal.graph.op.Indexing.Range;
import org.vpns.structured.ChannelGroup;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelRules;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.ChannelUnit.Role;

/** Scores that another tool gets wrong without saying so (D25 and D27 of the study), right. */
class ScoreDefectsTest {
  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  /** Two channels, a depthwise convolution, a norm, two outputs. */
  private NetworkValues depthwise(double depthwiseOf0, double scaleOf0) {
    return new HandNetworks(manager, 1, 2, 2)
        .conv("a", 2, 1, 1, 2)
        .conv("dw", 2, 2, depthwiseOf0, 1)
        .norm("n", scaleOf0, 1)
        .conv("b", 2, 1, 3, 1, -2, 2)
        .globalPool()
        .network();
  }

  private ChannelContext withImages(NetworkValues network, int images) {
    double[] pixels = new double[4 * images];
    double[] labels = new double[images];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (7 * i % 17 - 8) / 8d;
    }
    for (int i = 0; i < images; i++) {
      labels[i] = i % 2;
    }
    return context(network)
        .images(
            array(manager, new Shape(images, 1, 2, 2), pixels),
            array(manager, new Shape(images), labels));
  }

  /** One image of {@link #withImages} alone. */
  private ChannelContext withImage(NetworkValues network, int image) {
    double[] pixels = new double[4];
    for (int i = 0; i < 4; i++) {
      pixels[i] = (7 * (4 * image + i) % 17 - 8) / 8d;
    }
    return context(network)
        .images(
            array(manager, new Shape(1, 1, 2, 2), pixels), array(manager, new Shape(1), image % 2));
  }

  /** D27: depthwise weights did not count. */
  @Test
  void depthwiseWeights_count() {
    double[] small = plain(Importances.l1(), context(depthwise(1, 1)));
    double[] large = plain(Importances.l1(), context(depthwise(100, 1)));
    // members: row, depthwise row, scale, column: (1 + d + 1 + 5) / 4
    assertThat(small).containsExactly(2, 1.75);
    assertThat(large).containsExactly((1 + 100 + 1 + 5) / 4d, 1.75);
    for (MemberImportance importance : List.of(Importances.fpgm(), Importances.taylor())) {
      assertThat(plain(importance, withImages(depthwise(100, 1), 3))[0])
          .as(importance.describe())
          .isNotEqualTo(plain(importance, withImages(depthwise(1, 1), 3))[0]);
    }
  }

  /** D27: Taylor passed over norms. */
  @Test
  void taylor_ofANorm_countsItsScales() {
    ChannelContext context = withImages(depthwise(1, 1.5), 3);
    float[] gradient = context.gradient().getOrDefault("n.weight", new float[2]);
    double[] all = plain(Importances.taylor().reduction(Reduction.SUM), context);
    double[] weights = new double[2];
    for (String path : List.of("a.weight", "dw.weight", "b.weight")) {
      float[] w = context.values(path);
      float[] g = context.gradient().getOrDefault(path, new float[w.length]);
      for (int i = 0; i < w.length; i++) {
        weights[i % 2] += Math.abs((double) w[i] * g[i]);
      }
    }
    assertThat(Math.abs(gradient[0])).isGreaterThan(1e-3f);
    // float products
    assertThat(all[0] - weights[0]).isCloseTo(1.5 * Math.abs(gradient[0]), within(1e-6));
  }

  /** D27: the last image alone counted. */
  @Test
  void fisher_ofThreeImages_isTheMeanOfAllThree() {
    NetworkValues network = depthwise(1, 1.5);
    double[] mean = new double[2];
    for (int image = 0; image < 3; image++) {
      double[] one = plain(Importances.fisher(), withImage(network, image));
      assertThat(one[0]).isPositive();
      for (int u = 0; u < 2; u++) {
        mean[u] += one[u] / 3;
      }
    }
    // float gradients of the same image, alone both times
    assertThat(plain(Importances.fisher(), withImages(network, 3)))
        .containsExactly(mean, within(1e-9));
  }

  @Test
  void fisher_doesNotDependOnHowImagesAreCutIntoBatches() {
    NetworkValues network = depthwise(1, 1.5);
    ChannelContext whole = withImages(network, 4);
    ChannelContext cut = whole.images(new CutImages(whole.images()));
    for (MemberImportance importance :
        List.of(Importances.fisher(), Importances.taylor(), Importances.activation())) {
      // float sums in another order
      assertThat(plain(importance, cut))
          .as(importance.describe())
          .containsExactly(plain(importance, whole), within(1e-5));
    }
  }

  /** D27: columns 5, 1, 1, 0 of a channel are 25 + 1 + 1 + 0, not what the last of them is. */
  @Test
  void flattenedColumns_areSummedBeforeTheReduction() {
    NetworkValues network =
        new HandNetworks(manager, 1, 2, 2)
            .conv("a", 2, 1, 1, 2)
            .flatten()
            .linear("b", 1, 5, 1, 1, 0, 0, 0, 0, 0)
            .network();
    double[] scores = plain(Importances.l2().reduction(Reduction.MAX), context(network));
    assertThat(scores).containsExactly(27, 4);
    assertThat(plain(Importances.l2().reduction(Reduction.LAST), context(network)))
        .containsExactly(27, 0);
  }

  /** D27: parts could not be scored. The first two of four channels are a result too and stay. */
  @Test
  void partOfAGroup_scoresAsInTheWhole() {
    NetworkValues network =
        new HandNetworks(manager, 2)
            .linear("a", 4, 1, 0, 2, 0, 3, 0, 4, 0)
            .linear("b", 1, 0, 0, 0, 0)
            .result("a", 0, 2)
            .network();
    ChannelGroups groups = ChannelGroups.of(network.graph());
    ChannelGroup group = groups.groups().get(0);
    assertThat(group.units()).hasSize(4);
    assertThat(group.free()).hasSize(2);
    ChannelContext context = ChannelContext.of(network, groups);
    assertThat(plain(Importances.l1(), context)).containsExactly(1.5, 2);
    ChannelScores scores = Importances.l1().score(context);
    // the mean is that of what can leave: 1.75
    assertThat(first(scores)).containsExactly(new double[] {1.5 / 1.75, 2 / 1.75}, within(1e-12));
    assertThatThrownBy(() -> scores.score(group.units().get(0)))
        .hasMessageStartingWith("unit without score: unit 0 of group 0");
    // distances to rows that stay count: |3 - 1| + |3 - 2| + |3 - 4|
    assertThat(plain(Importances.rawFpgm().reduction(Reduction.FIRST), context))
        .containsExactly(4, 6);
  }

  /** D27: layers without norms stayed whole without a word. */
  @Test
  void layerWithoutNorm_underNormScale_isRefusedUnlessItIsKept() {
    NetworkValues network =
        new HandNetworks(manager, 1, 2, 2)
            .conv("a", 2, 1, 1, 2)
            .conv("b", 2, 1, 1, 0, 0, 1)
            .norm("n", 3, 4)
            .conv("c", 1, 1, 1, 1)
            .globalPool()
            .network();
    assertThatThrownBy(() -> Importances.normScale().score(context(network)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "nothing to score channels by: norm scale, unit 0 of group a; expected a slice of role"
                + " [SCALE], found")
        .hasMessageEndingWith(
            "keep these channels by ChannelRules.keepOutputs(\"a.weight\"), or take another"
                + " importance.");
    ChannelRules kept = ChannelRules.standard().keepOutputs("a.weight");
    ChannelScores scores = Importances.normScale().score(context(network, kept));
    assertThat(scores.groups().free().stream().mapToDouble(scores::score).toArray())
        .containsExactly(3, 4);
  }

  static List<MemberImportance> all() {
    return List.of(
        Importances.l1(),
        Importances.l2(),
        Importances.normScale(),
        Importances.taylor(),
        Importances.multivariableTaylor(),
        Importances.fisher(),
        Importances.fpgm(),
        Importances.rawFpgm(),
        Importances.activation());
  }

  private static List<Normaliser> normalisers() {
    return List.of(
        Normaliser.NONE,
        Normaliser.SUM,
        Normaliser.MEAN,
        Normaliser.MAX,
        Normaliser.MIN_MAX,
        Normaliser.GAUSSIAN,
        Normaliser.sentinel(0.5),
        Normaliser.LAMP);
  }

  /** D25: zeros became what is no number. */
  @ParameterizedTest
  @MethodSource("all")
  void weightsThatAreAllZero_scoreZero_underEachNormaliser(MemberImportance importance) {
    NetworkValues network =
        new HandNetworks(manager, 1, 2, 2)
            .conv("a", 3, 1, 0, 0, 0)
            .norm("n", 0, 0, 0)
            .conv("b", 2, 1, 0, 0, 0, 0, 0, 0)
            .globalPool()
            .network();
    for (Normaliser normaliser : normalisers()) {
      for (Reduction reduction : Reduction.values()) {
        MemberImportance chosen = importance.normaliser(normaliser).reduction(reduction);
        assertThat(first(chosen.score(withImages(network, 2))))
            .as(chosen.describe())
            .containsExactly(0, 0, 0);
      }
    }
  }

  /** What is equal stays equal; LAMP alone ranks it, and the lower number highest. */
  @ParameterizedTest
  @MethodSource("all")
  void equalChannels_haveEqualScores(MemberImportance importance) {
    NetworkValues network =
        new HandNetworks(manager, 1, 2, 2)
            .conv("a", 3, 1, 2, 2, 2)
            .norm("n", 1, 1, 1)
            .conv("b", 2, 1, 1, 1, 1, -1, -1, -1)
            .globalPool()
            .network();
    for (Normaliser normaliser : normalisers()) {
      MemberImportance chosen = importance.normaliser(normaliser);
      double[] scores = first(chosen.score(withImages(network, 2)));
      if (normaliser == Normaliser.LAMP) {
        assertThat(scores[0]).isGreaterThanOrEqualTo(scores[1]);
        assertThat(scores[1]).isGreaterThanOrEqualTo(scores[2]);
      } else {
        assertThat(scores).as(chosen.describe()).containsOnly(scores[0]);
      }
    }
  }

  @Test
  void weightThatIsNoNumber_isNamedWithItsUnit() {
    NetworkValues network = depthwise(1, Double.NaN);
    for (MemberImportance importance : all()) {
      if (importance.describe().contains("FPGM")) {
        continue; // looks at no norm
      }
      assertThatThrownBy(() -> importance.score(withImages(network, 2)))
          .as(importance.describe())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("score that is not finite: ")
          .hasMessageMatching(
              ".*: (activation, )?(n|a|dw|b)\\.weight\\[[01]: 0], unit 0 of group a; .*");
    }
    assertThatThrownBy(() -> Importances.l2().score(context(network)))
        .hasMessage(
            "score that is not finite: n.weight[0: 0], unit 0 of group a; expected finite weights,"
                + " gradients and scores, found NaN; look for weights that are not finite, or"
                + " images that are not.");
  }

  @Test
  void groupsOfAnotherNetwork_areRefused() {
    ChannelGroups groups = ChannelGroups.of(depthwise(1, 1).graph());
    NetworkValues other = new HandNetworks(manager, 2).linear("a", 1, 1, 1).network();
    assertThatThrownBy(() -> ChannelContext.of(other, groups))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("groups of another network: ChannelContext.of; expected");
  }

  @Test
  void images_thatAreMissingOrDoNotFit_areToldInWords() {
    ChannelContext context = context(depthwise(1, 1));
    for (MemberImportance importance :
        List.of(Importances.taylor(), Importances.fisher(), Importances.activation())) {
      assertThatThrownBy(() -> importance.score(context))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "no images to score with: ChannelContext; expected images and labels, found none; add"
                  + " them by ChannelContext.images(images, labels).");
    }
    NDArray images = manager.zeros(new Shape(2, 1, 2, 2));
    assertThatThrownBy(() -> context.images(images, manager.zeros(new Shape(3))))
        .hasMessageStartingWith("labels do not fit the images: ChannelContext.images; expected");
    assertThatThrownBy(() -> context.images(images, manager.create(new float[] {0, 2})))
        .hasMessageStartingWith(
            "label out of range: ChannelContext.images, image 1; expected 0 to 1, found 2;");
  }

  private static MemberImportance own(MemberImportance.Session session) {
    return new MemberImportance() {
      @Override
      protected Session open(ChannelContext context) {
        return session;
      }

      @Override
      protected String name() {
        return "own";
      }
    };
  }

  @Test
  void sessions_thatScoreTooFew_areRefused() {
    MemberImportance few = own(member -> new double[1]);
    assertThatThrownBy(() -> few.score(context(depthwise(1, 1))))
        .hasMessage(
            "scores do not fit the group: own, a.weight[0]; expected 2 scores, one for each"
                + " unit, found 1; score all units of member.group().units().");
  }

  @Test
  void sessions_thatScoreWhatIsNoNumber_areNamedWithTheSlice() {
    MemberImportance none = own(member -> new double[] {1, Double.NaN});
    assertThatThrownBy(() -> none.score(context(depthwise(1, 1))))
        .hasMessage(
            "score that is not finite: own, a.weight[0: 1], unit 1 of group a; expected a finite"
                + " number, found NaN; look for a division by zero, or weights or images that are"
                + " not finite.");
  }

  /** Of three outputs the second layer reads two. */
  @Test
  void sessions_thatScoreUnitsWithoutSliceAnyhow_scoreTheOthers() {
    NetworkValues network =
        new HandNetworks(manager, 1)
            .linear("a", 3, 1, 2, 3)
            .layer("part", new Indexing.Slice(List.of(Range.ALL, new Range(0L, 2L, 1L, false))))
            .linear("b", 1, 1, 1)
            .network();
    MemberImportance own =
        own(
            member ->
                member.group().units().stream()
                    .mapToDouble(unit -> member.has(unit) ? 1 + unit.number() : Double.NaN)
                    .toArray());
    // two members: (1 + 1) / 2, (2 + 2) / 2, 3 / 2
    assertThat(plain(own, context(network))).containsExactly(1, 2, 1.5);
  }

  @Test
  void members_ofAnotherGroupsUnits_refuseThem() {
    NetworkValues network = depthwise(1, 1);
    ChannelContext context = context(network);
    ChannelGroups groups = context.groups();
    ChannelMember member = ChannelMember.of(groups.groups().get(0), network.graph()).get(0);
    assertThat(member.toString()).isEqualTo("a.weight[0]");
    assertThat(member.role()).isEqualTo(Role.OUT);
    assertThatThrownBy(() -> member.positions(groups.groups().get(1).units().get(0)))
        .hasMessageStartingWith("unit of another group: ChannelMember a.weight[0]; expected");
    assertThatThrownBy(() -> member.slice(new float[3], groups.groups().get(0).units().get(0)))
        .hasMessageStartingWith("values do not fit the parameter: ChannelMember a.weight[0];");
    assertThat(context.values("a.weight")).containsExactly(1, 2);
  }
}
