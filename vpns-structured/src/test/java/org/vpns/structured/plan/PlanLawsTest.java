package org.vpns.structured.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import org.junit.jupiter.api.Test;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Sparsity;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.LayerTable;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.RandomBlocks;
import org.vpns.optim.UpdateRule;
import org.vpns.report.ChannelRecord;
import org.vpns.structured.ChannelGroup;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.Removal;

/** What holds for the plans of any network, over random ones and scores with many ties. */
class PlanLawsTest {
  private static final Pattern NEAREST = Pattern.compile("nearest ([\\d,]+)");

  @Property(tries = 5)
  void laws_ofARandomNetwork_hold(@ForAll long seed) throws IOException {
    check(seed);
  }

  @Tag("slow")
  @Property(tries = 100)
  void laws_ofManyRandomNetworks_hold(@ForAll long seed) throws IOException {
    check(seed);
  }

  /**
   * Of eight channels two shuffles make two units of four; of the four that are left, two of two.
   */
  @Test
  void laws_ofShufflesThatCoupleLessOfFewerChannels_hold() throws IOException {
    check(2955334788331740107L);
  }

  private static void check(long seed) throws IOException {
    Random random = new Random(seed);
    try (NDManager manager = NDManager.newBaseManager()) {
      NetworkValues network = Removal.network(RandomBlocks.of(seed), RandomBlocks.IMAGE, manager);
      ChannelGroups groups = ChannelGroups.of(network.graph());
      ChannelScores scores = ChannelScores.of(groups, unit -> random.nextInt(4) / 2.0);
      requireExactCounts(groups, scores, random);
      requireLowerNumbersKept(groups, random);
      if (!groups.free().isEmpty()) {
        List<LayerwiseCost> costs =
            List.of(NetworkCost.macs(), NetworkCost.parameters(), NetworkCost.bytes());
        requireGreedy(scores, costs.get(random.nextInt(3)), random);
      }
      ChannelPlan plan = ChannelPlan.of(groups, Removal.some(groups, groups.free(), 0.4, random));
      NetworkValues smaller = requireForecast(plan, network, manager);
      requireRoundTrip(plan, network, smaller, manager);
      requireMomentsCut(plan, network, random);
      requireMasksCut(plan, network, smaller, random, manager);
      requireComposition(plan, network, smaller, random, manager);
    }
  }

  /** Of n channels floor(s n) leave, as whole numbers say, but for floors. */
  private static void requireExactCounts(
      ChannelGroups groups, ChannelScores scores, Random random) {
    int percent = random.nextInt(101);
    ChannelSelection selection =
        ChannelSelection.of(ChannelBudget.channels(Sparsity.of(percent / 100.0)))
            .global()
            .minKeep(1);
    ChannelPlan local = selection.local().plan(scores);
    for (ChannelGroup group : groups.groups()) {
      int free = group.free().size();
      int asked = free * percent / 100;
      int removed = local.groups().get(group.number()).removed().size();
      assertThat(local.groups().get(group.number()).asked()).isEqualTo(asked);
      int least = Math.min(asked, Math.min(free, group.units().size() - 1));
      assertThat(removed).isLessThanOrEqualTo(least);
      if (removed < least) {
        // what could still leave would empty an axis
        requireNoneLeft(groups, local, group);
      }
    }
    int all = groups.free().size();
    int asked = all * percent / 100;
    Throwable failure = catchThrowable(() -> selection.plan(scores));
    if (failure == null) {
      assertThat(selection.plan(scores).units(groups)).hasSize(asked).doesNotHaveDuplicates();
    } else {
      int nearest = nearest(failure);
      assertThat(nearest).isGreaterThan(all - asked);
      ChannelPlan most =
          selection
              .budget(ChannelBudget.channels(Sparsity.removing(all - nearest, all)))
              .plan(scores);
      assertThat(most.units(groups)).hasSize(all - nearest);
      groups.groups().forEach(group -> requireNoneLeft(groups, most, group));
    }
  }

  private static int nearest(Throwable failure) {
    Matcher matcher = NEAREST.matcher(String.valueOf(failure.getMessage()));
    assertThat(matcher.find()).as(failure.getMessage()).isTrue();
    return Integer.parseInt(matcher.group(1).replace(",", ""));
  }

  /** No channel of a group could leave besides: it is the last of the group, or of an axis. */
  private static void requireNoneLeft(ChannelGroups groups, ChannelPlan plan, ChannelGroup group) {
    List<ChannelUnit> gone = plan.units(groups);
    if (plan.groups().get(group.number()).kept() > 1) {
      for (ChannelUnit unit : group.free()) {
        if (!gone.contains(unit)) {
          List<ChannelUnit> more = new ArrayList<>(gone);
          more.add(unit);
          assertThat(groups.emptied(more)).isNotNull();
        }
      }
    }
  }

  /** All scores equal: the numbers that leave a group are its last, but for axes' last channels. */
  private static void requireLowerNumbersKept(ChannelGroups groups, Random random) {
    ChannelScores zeros = ChannelScores.of(groups, unit -> 0);
    Sparsity share = Sparsity.of(random.nextInt(90) / 100.0);
    ChannelPlan plan =
        ChannelSelection.of(ChannelBudget.channels(share)).local().minKeep(1).plan(zeros);
    List<ChannelUnit> gone = plan.units(groups);
    for (ChannelGroup group : groups.groups()) {
      List<Integer> removed = plan.groups().get(group.number()).removed();
      int first = removed.isEmpty() ? Integer.MAX_VALUE : removed.get(0);
      for (ChannelUnit unit : group.free()) {
        if (unit.number() > first && !gone.contains(unit)) {
          List<ChannelUnit> instead = new ArrayList<>(gone);
          instead.add(unit);
          instead.remove(group.units().get(first));
          assertThat(groups.emptied(instead)).isNotNull();
        }
      }
    }
  }

  /**
   * The steps of the greedy plan, found one by one with a bound just below each cost, are those of
   * a cost that only knows whole graphs; plans under any bound are the shortest that do.
   */
  private static void requireGreedy(ChannelScores scores, LayerwiseCost cost, Random random) {
    int roundTo = 1 + random.nextInt(3);
    ChannelSelection least =
        ChannelSelection.of(ChannelBudget.of(cost, 1)).global().roundTo(roundTo).minKeep(1);
    NetworkCost slow =
        new NetworkCost() {
          @Override
          public String name() {
            return cost.name();
          }

          @Override
          public double of(ModelGraph graph) {
            return switch (cost.name()) {
              case "macs" -> LayerTable.of(graph).macs();
              case "parameters" -> LayerTable.of(graph).parameters();
              default -> graph.parameters().stream().mapToLong(p -> 4 * p.shape().size()).sum();
            };
          }
        };
    double dense = cost.of(scores.groups().graph());
    assertThat(slow.of(scores.groups().graph())).isEqualTo(dense);
    List<ChannelPlan> steps = new ArrayList<>(List.of(least.plan(scores)));
    double now = dense;
    while (true) {
      ChannelSelection next = least.budget(ChannelBudget.atMost(cost, now - 1));
      Throwable failure = catchThrowable(() -> next.plan(scores));
      if (failure != null) {
        assertThat((double) nearest(failure)).isEqualTo(now);
        break;
      }
      ChannelPlan step = next.plan(scores);
      ChannelPlan before = steps.get(steps.size() - 1);
      now = cost.of(scores.groups().without(step.units(scores.groups())));
      for (int g = 0; g < step.groups().size(); g++) {
        assertThat(step.groups().get(g).removed()).containsAll(before.groups().get(g).removed());
        int kept = step.groups().get(g).kept();
        assertThat(step.groups().get(g).removed().isEmpty() || kept % roundTo == 0).isTrue();
      }
      steps.add(step);
    }
    double bound = now + (dense - now) * random.nextDouble();
    ChannelPlan plan = least.budget(ChannelBudget.atMost(cost, Math.max(1, bound))).plan(scores);
    ChannelPlan same = least.budget(ChannelBudget.atMost(slow, Math.max(1, bound))).plan(scores);
    assertThat(plan).isEqualTo(same);
    int at = 0;
    while (cost.of(scores.groups().without(steps.get(at).units(scores.groups()))) > bound) {
      at++;
    }
    assertThat(plan.groups()).isEqualTo(steps.get(at).groups());
  }

  /** The smaller network costs what the plan says, and no axis is empty. */
  private static NetworkValues requireForecast(
      ChannelPlan plan, NetworkValues network, NDManager manager) {
    NetworkValues smaller = plan.apply(network, manager);
    requireSize(plan.before(), network.graph());
    requireSize(plan.after(), smaller.graph());
    for (ChannelPlan.Group group : plan.groups()) {
      assertThat(group.after().parameters()).isLessThanOrEqualTo(group.before().parameters());
      assertThat(group.after().macs()).isLessThanOrEqualTo(group.before().macs());
    }
    smaller.graph().parameters().forEach(p -> assertThat(p.shape().getShape()).doesNotContain(0L));
    return smaller;
  }

  private static void requireSize(ChannelRecord.Size size, ModelGraph graph) {
    assertThat(size.macs()).isEqualTo(LayerTable.of(graph).macs());
    assertThat(size.parameters()).isEqualTo(LayerTable.of(graph).parameters());
    assertThat(size.bytes())
        .isEqualTo(graph.parameters().stream().mapToLong(p -> 4 * p.shape().size()).sum());
  }

  private static void requireRoundTrip(
      ChannelPlan plan, NetworkValues network, NetworkValues smaller, NDManager manager)
      throws IOException {
    Path folder = Files.createTempDirectory("plan");
    Path file = folder.resolve("plan.json");
    try {
      plan.save(file);
      ChannelPlan loaded = ChannelPlan.load(file);
      assertThat(loaded).isEqualTo(plan).hasToString(plan.toString());
      requireEqual(loaded.apply(network, manager), smaller);
      if (!smaller.graph().equals(network.graph())) {
        assertThatThrownBy(() -> loaded.apply(smaller, manager))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith("plan for another network: ");
      }
    } finally {
      Files.deleteIfExists(file);
      Files.delete(folder);
    }
  }

  private static void requireEqual(NetworkValues found, NetworkValues expected) {
    assertThat(found.graph()).isEqualTo(expected.graph());
    for (GraphParameter p : expected.graph().parameters()) {
      assertThat(found.array(p).toFloatArray())
          .as(p.path())
          .isEqualTo(expected.array(p).toFloatArray());
    }
  }

  private static Layout layout(ModelGraph graph) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    graph.parameters().forEach(p -> shapes.put(p.path(), p.shape()));
    return Layout.of(shapes);
  }

  private static float[] randoms(int size, Random random) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = random.nextFloat();
    }
    return values;
  }

  /** A step with what was cut is what is cut of a step, to the bit: each entry moves by itself. */
  private static void requireMomentsCut(ChannelPlan plan, NetworkValues network, Random random) {
    SliceMap slices = plan.slices(network.graph());
    Layout dense = layout(network.graph());
    Layout small = slices.cut(dense);
    for (UpdateRule rule :
        List.of(
            UpdateRule.sgd(),
            UpdateRule.sgd().momentum(0.9).decay(1e-2),
            UpdateRule.sgd().momentum(0.9).nesterov(),
            UpdateRule.adam(),
            UpdateRule.adamW())) {
      float[] values = randoms(dense.size(), random);
      float[] gradient = randoms(dense.size(), random);
      zeroRemoved(gradient, slices, dense);
      float[][] slots = new float[rule.slots().size()][];
      float[][] cut = new float[slots.length][];
      for (int i = 0; i < slots.length; i++) {
        slots[i] = randoms(dense.size(), random);
        cut[i] = slices.cut(dense, slots[i]);
      }
      float[] cutValues = slices.cut(dense, values);
      float[] cutGradient = slices.cut(dense, gradient);
      rule.update(values, gradient, slots, 0, dense.size(), 0.1, 7);
      rule.update(cutValues, cutGradient, cut, 0, small.size(), 0.1, 7);
      assertThat(cutValues).isEqualTo(slices.cut(dense, values));
      for (int i = 0; i < slots.length; i++) {
        assertThat(cut[i]).isEqualTo(slices.cut(dense, slots[i]));
      }
    }
  }

  private static void zeroRemoved(float[] gradient, SliceMap slices, Layout dense) {
    float[] numbers = new float[dense.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = i;
    }
    Set<Integer> kept = new HashSet<>();
    for (float number : slices.cut(dense, numbers)) {
      kept.add((int) number);
    }
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] = kept.contains(i) ? gradient[i] : 0;
    }
  }

  /**
   * A masked network without channels is the network without them under what is left of the mask.
   */
  private static void requireMasksCut(
      ChannelPlan plan,
      NetworkValues network,
      NetworkValues smaller,
      Random random,
      NDManager manager) {
    Map<String, Mask> masks = new LinkedHashMap<>();
    for (GraphParameter p : network.graph().parameters()) {
      masks.put(p.path(), Mask.of(p.shape(), i -> random.nextBoolean()));
    }
    MaskSet cut = plan.slices(network.graph()).cut(MaskSet.of(masks));
    assertThat(cut.layout()).isEqualTo(layout(smaller.graph()));
    requireEqual(
        plan.apply(masked(network, MaskSet.of(masks), manager), manager),
        masked(smaller, cut, manager));
  }

  private static NetworkValues masked(NetworkValues network, MaskSet masks, NDManager manager) {
    Map<String, NDArray> arrays = new HashMap<>();
    for (GraphParameter p : network.graph().parameters()) {
      float[] values = network.array(p).toFloatArray();
      masks.get(p.path()).apply(values);
      arrays.put(p.path(), manager.create(values, p.shape()));
    }
    return NetworkValues.of(network.graph(), arrays);
  }

  /** One plan after the other is one of both. */
  private static void requireComposition(
      ChannelPlan first,
      NetworkValues network,
      NetworkValues between,
      Random random,
      NDManager manager) {
    if (Removal.hasNewAxesOfOne(network.graph(), between.graph())) {
      return; // an axis of one channel holds none, and other groups are left
    }
    ChannelGroups groups = ChannelGroups.of(network.graph());
    ChannelGroups left = ChannelGroups.of(between.graph());
    boolean finer = false;
    for (ChannelGroup group : left.groups()) {
      int kept = first.groups().get(group.number()).kept();
      assertThat(group.units()).hasSizeGreaterThanOrEqualTo(kept);
      finer |= group.units().size() > kept;
    }
    if (finer) {
      return; // a shuffle of fewer channels couples fewer: a part of what was one unit may leave
    }
    List<ChannelUnit> both = new ArrayList<>(first.units(groups));
    List<ChannelUnit> then = Removal.some(left, left.free(), 0.3, random);
    for (ChannelUnit unit : then) {
      ChannelGroup group = groups.groups().get(unit.group());
      List<ChannelUnit> kept =
          group.units().stream()
              .filter(u -> !first.groups().get(u.group()).removed().contains(u.number()))
              .toList();
      both.add(kept.get(unit.number()));
    }
    NetworkValues found = ChannelPlan.of(left, then).apply(between, manager);
    requireEqual(found, ChannelPlan.of(groups, both).apply(network, manager));
  }
}
