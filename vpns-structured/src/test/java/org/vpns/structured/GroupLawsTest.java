package org.vpns.structured;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import org.vpns.graph.GraphComparison;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.RandomBlocks;
import org.vpns.structured.ChannelUnit.Role;
import org.vpns.structured.ChannelUnit.Slice;

/** What holds for the groups of any network, over random ones. */
class GroupLawsTest {
  @Property(tries = 8)
  void laws_ofARandomNetwork_hold(@ForAll long seed) {
    check(seed);
  }

  @Tag("slow")
  @Property(tries = 300)
  void laws_ofManyRandomNetworks_hold(@ForAll long seed) {
    check(seed);
  }

  @Property(tries = 25)
  void laws_ofARandomGraph_hold(@ForAll long seed) {
    checkGraph(seed);
  }

  @Tag("slow")
  @Property(tries = 1000)
  void laws_ofManyRandomGraphs_hold(@ForAll long seed) {
    checkGraph(seed);
  }

  private static void check(long seed) {
    try (NDManager manager = NDManager.newBaseManager()) {
      check(
          Removal.network(RandomBlocks.of(seed), RandomBlocks.IMAGE, manager),
          RandomBlocks.IMAGE,
          new Random(seed),
          manager);
    }
  }

  private static void checkGraph(long seed) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NetworkValues network = RandomGraphs.of(seed, manager);
      check(network, RandomGraphs.IMAGE, new Random(seed), manager);
    }
  }

  private static void check(NetworkValues network, Shape image, Random random, NDManager manager) {
    ChannelGroups groups = ChannelGroups.of(network.graph());
    requirePartition(groups);
    NDArray x = GraphComparison.images(manager, new Shape(2).addAll(image));
    List<ChannelUnit> leaving = Removal.some(groups, groups.free(), random.nextDouble(), random);
    NetworkValues smaller = Removal.requireMasked(groups, network, leaving, x, manager);
    requireReadersSuffice(groups, network, leaving, x, manager);
    requireSame(smaller.graph(), groups.removal(network, leaving).graph());
    requireResultKept(network, smaller, new Shape(2).addAll(image));
    requireForecast(network, leaving, smaller);
    requireLawsOfComposition(groups, network, random, manager);
    assertThat(groups.removal(network, List.of()).apply(manager)).isSameAs(network);
    assertThat(ChannelGroups.of(network.graph()).groups()).isEqualTo(groups.groups());
  }

  /**
   * If channels lie along the same axes of reshapes, grouping the smaller network gives the units
   * of the whole one without those that left, position by position, in the same groups; a unit that
   * is left is as free as it was, unless it is the last one of an axis now.
   *
   * <p>By itself the smaller network may have channels along another axis of a reshape, where a
   * block of a norm or of a shuffle has come to hold one unit alone: blocks can leave then, which
   * could not before. Its units are parts of those that were there. Either way units leave in any
   * order and number at a time, and what is left is the same.
   *
   * <p>All of this where no axis comes to length 1, which holds no channels any more: so fewer
   * units leave here. {@link RemovalInStepsTest} has what becomes of such networks.
   */
  private static void requireLawsOfComposition(
      ChannelGroups groups, NetworkValues network, Random random, NDManager manager) {
    List<ChannelUnit> leaving = new ArrayList<>();
    for (ChannelUnit unit : Removal.some(groups, groups.free(), 0.3, random)) {
      leaving.add(unit);
      if (Removal.hasNewAxesOfOne(network.graph(), groups.without(leaving))) {
        leaving.remove(unit);
      }
    }
    NetworkValues smaller = groups.removal(network, leaving).apply(manager);
    ChannelGroups alike = ChannelGroups.of(smaller.graph(), groups.lastingRules());
    requireSameUnits(groups, leaving, alike);
    assertThat(alike.groups())
        .extracting(ChannelGroup::measured)
        .isEqualTo(groups.groups().stream().map(ChannelGroup::measured).toList());
    ChannelGroups byItself = ChannelGroups.of(smaller.graph());
    requireParts(groups, leaving, byItself);
    if (units(byItself) == units(groups) - leaving.size()) {
      requireSameUnits(groups, leaving, byItself);
    }
    requireAnyOrder(groups, network, leaving, smaller, random, manager);
  }

  private static int units(ChannelGroups groups) {
    return groups.groups().stream().mapToInt(group -> group.units().size()).sum();
  }

  /** Each position of a parameter's axis is of one unit at most, each unit of one group. */
  private static void requirePartition(ChannelGroups groups) {
    List<String> positions = new ArrayList<>();
    for (ChannelGroup group : groups.groups()) {
      for (ChannelUnit unit : group.units()) {
        assertThat(group.units().get(unit.number())).isSameAs(unit);
        assertThat(groups.groups().get(unit.group())).isSameAs(group);
        assertThat(unit.slices(Role.OUT)).isNotEmpty();
        for (Slice slice : unit.slices()) {
          assertThat(slice.positions()).isSorted().isNotEmpty();
          slice
              .positions()
              .forEach(p -> positions.add(slice.parameter() + " " + slice.axis() + " " + p));
        }
      }
    }
    assertThat(positions).doesNotHaveDuplicates();
  }

  /**
   * Zeros in the weights that read units are enough, or where products of matrices alone read them
   * in the first layer that makes them; but where a norm measures what is not read: its mean and
   * variance see channels that zeros behind it leave as they are. These units gates do not learn.
   */
  private static void requireReadersSuffice(
      ChannelGroups groups,
      NetworkValues network,
      List<ChannelUnit> leaving,
      NDArray x,
      NDManager manager) {
    List<ChannelUnit> unmeasured =
        leaving.stream()
            .filter(unit -> groups.groups().get(unit.group()).measured().isEmpty())
            .toList();
    Set<Slice> gates =
        unmeasured.stream().flatMap(unit -> gates(unit).stream()).collect(Collectors.toSet());
    float[] found = Masking.run(Masking.masked(network, unmeasured, gates::contains, manager), x);
    float[] expected = Masking.run(groups.removal(network, unmeasured).apply(manager), x);
    float largest = 1;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertThat(found).containsExactly(expected, within(1e-4f * largest));
  }

  private static List<Slice> gates(ChannelUnit unit) {
    List<Slice> read = unit.slices(Role.IN);
    String maker = unit.slices(Role.OUT).get(0).parameter();
    String layer = maker.substring(0, maker.lastIndexOf('.') + 1);
    return read.isEmpty()
        ? unit.slices().stream().filter(slice -> slice.parameter().startsWith(layer)).toList()
        : read;
  }

  private static void requireSame(ModelGraph a, ModelGraph b) {
    assertThat(a).isEqualTo(b);
  }

  /** The result's shape, and all of every parameter but its lengths and values. */
  private static void requireResultKept(NetworkValues network, NetworkValues smaller, Shape x) {
    assertThat(smaller.graph().resultShapes(List.of(x)))
        .isEqualTo(network.graph().resultShapes(List.of(x)));
    assertThat(smaller.graph().parameters())
        .extracting(GraphParameter::path)
        .isEqualTo(network.graph().parameters().stream().map(GraphParameter::path).toList());
    for (GraphParameter p : smaller.graph().parameters()) {
      GraphParameter old = network.graph().parameter(p.path());
      assertThat(p.type()).isEqualTo(old.type());
      assertThat(p.trained()).isEqualTo(old.trained());
      assertThat(p.dataType()).isEqualTo(old.dataType());
      NDArray array = smaller.array(p);
      NDArray before = network.array(old);
      assertThat(array.getShape()).isEqualTo(p.shape());
      assertThat(array.getDevice()).isEqualTo(before.getDevice());
      assertThat(array.getDataType()).isEqualTo(before.getDataType());
      for (long length : p.shape().getShape()) {
        assertThat(length).isPositive();
      }
    }
    assertThat(smaller.graph().nodes())
        .extracting(GraphNode::name)
        .isEqualTo(network.graph().nodes().stream().map(GraphNode::name).toList());
  }

  /** Each axis of a parameter loses what its slices say, and no more. */
  private static void requireForecast(
      NetworkValues network, List<ChannelUnit> leaving, NetworkValues smaller) {
    for (GraphParameter p : network.graph().parameters()) {
      for (int axis = 0; axis < p.shape().dimension(); axis++) {
        int at = axis;
        int gone =
            leaving.stream()
                .flatMap(unit -> unit.slices().stream())
                .filter(slice -> slice.parameter().equals(p.path()) && slice.axis() == at)
                .mapToInt(slice -> slice.positions().size())
                .sum();
        assertThat(smaller.graph().parameter(p.path()).shape().get(axis))
            .as("%s, axis %s", p.path(), axis)
            .isEqualTo(p.shape().get(axis) - gone);
      }
    }
  }

  /** Where what is left lies when some units have left. */
  private static final class Left {
    private final Map<String, TreeSet<Integer>> gone = new HashMap<>();

    Left(List<ChannelUnit> leaving) {
      for (ChannelUnit unit : leaving) {
        for (Slice slice : unit.slices()) {
          gone.computeIfAbsent(axis(slice), key -> new TreeSet<>()).addAll(slice.positions());
        }
      }
    }

    private static String axis(Slice slice) {
      return slice.parameter() + " " + slice.axis();
    }

    /** By axis and role, the positions of a unit that is left. */
    Map<String, Set<Integer>> positions(ChannelUnit unit) {
      Map<String, Set<Integer>> positions = new HashMap<>();
      for (Slice slice : unit.slices()) {
        TreeSet<Integer> out = gone.getOrDefault(axis(slice), new TreeSet<>());
        Set<Integer> own =
            positions.computeIfAbsent(axis(slice) + " " + slice.role(), key -> new TreeSet<>());
        slice.positions().forEach(p -> own.add(p - out.headSet(p).size()));
      }
      return positions;
    }
  }

  private static Map<String, Set<Integer>> positions(ChannelUnit unit) {
    return new Left(List.of()).positions(unit);
  }

  private static boolean isPart(Map<String, Set<Integer>> part, Map<String, Set<Integer>> whole) {
    return part.entrySet().stream()
        .allMatch(e -> whole.getOrDefault(e.getKey(), Set.of()).containsAll(e.getValue()));
  }

  /** Units of the smaller network are those of the whole one without what left. */
  private static void requireSameUnits(
      ChannelGroups groups, List<ChannelUnit> gone, ChannelGroups smaller) {
    Left left = new Left(gone);
    assertThat(smaller.groups()).hasSameSizeAs(groups.groups());
    for (ChannelGroup group : groups.groups()) {
      ChannelGroup now = smaller.groups().get(group.number());
      assertThat(now.name()).isEqualTo(group.name());
      List<ChannelUnit> kept = group.units().stream().filter(u -> !gone.contains(u)).toList();
      assertThat(now.units()).as(group.name()).hasSameSizeAs(kept);
      for (int i = 0; i < kept.size(); i++) {
        ChannelUnit unit = kept.get(i);
        assertThat(positions(now.units().get(i))).isEqualTo(left.positions(unit));
        assertThat(now.units().get(i).isFree())
            .as("%s without %s", unit, gone)
            .isEqualTo(unit.isFree() && !isLastOfAnAxis(groups, gone, unit));
      }
    }
  }

  /** Whether an axis would be empty if a unit left after others. */
  private static boolean isLastOfAnAxis(
      ChannelGroups groups, List<ChannelUnit> gone, ChannelUnit unit) {
    List<ChannelUnit> all = new ArrayList<>(gone);
    all.add(unit);
    return groups.emptied(all) != null;
  }

  /** Each unit of the smaller network is a part of one that was there. */
  private static void requireParts(
      ChannelGroups groups, List<ChannelUnit> gone, ChannelGroups smaller) {
    Left left = new Left(gone);
    List<Map<String, Set<Integer>>> kept =
        groups.groups().stream()
            .flatMap(group -> group.units().stream())
            .filter(unit -> !gone.contains(unit))
            .map(left::positions)
            .toList();
    for (ChannelGroup group : smaller.groups()) {
      for (ChannelUnit unit : group.units()) {
        assertThat(kept).as(group.name()).anyMatch(whole -> isPart(positions(unit), whole));
      }
    }
  }

  /** A few, then a few of what is left, then the rest: the same network. */
  private static void requireAnyOrder(
      ChannelGroups groups,
      NetworkValues network,
      List<ChannelUnit> leaving,
      NetworkValues expected,
      Random random,
      NDManager manager) {
    List<ChannelUnit> mixed = new ArrayList<>(leaving);
    Collections.shuffle(mixed, random);
    NetworkValues found = network;
    int done = 0;
    for (int part = 1; part <= 3; part++) {
      int end = mixed.size() * part / 3;
      Left left = new Left(mixed.subList(0, done));
      ChannelGroups now = ChannelGroups.of(found.graph());
      List<ChannelUnit> then = new ArrayList<>();
      for (ChannelUnit unit : mixed.subList(done, end)) {
        Map<String, Set<Integer>> whole = left.positions(unit);
        List<ChannelUnit> own =
            now.free().stream().filter(u -> isPart(positions(u), whole)).toList();
        assertThat(
                own.stream().flatMap(u -> u.slices().stream()).mapToInt(GroupLawsTest::size).sum())
            .isEqualTo(unit.slices().stream().mapToInt(GroupLawsTest::size).sum());
        then.addAll(own);
      }
      found = now.removal(found, then).apply(manager);
      done = end;
    }
    requireSame(found.graph(), expected.graph());
    for (GraphParameter p : expected.graph().parameters()) {
      assertThat(found.array(p.path()).toFloatArray())
          .as(p.path())
          .isEqualTo(expected.array(p.path()).toFloatArray());
    }
  }

  private static int size(Slice slice) {
    return slice.positions().size();
  }
}
