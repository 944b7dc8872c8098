package org.vpns.structured;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
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
   * Groups of the smaller network have the names and widths of the whole one's without what left;
   * what leaves in two steps gives what leaves in one. Not so where an axis comes to length 1,
   * which holds no channels any more: a convolution of groups of one channel is a depthwise one,
   * and an axis of 1 fits every width. That units that are left stay as free as they were, and lie
   * at the positions left in order, is not held here: over many random networks it fails for some.
   */
  private static void requireLawsOfComposition(
      ChannelGroups groups, NetworkValues network, Random random, NDManager manager) {
    List<ChannelUnit> leaving = Removal.some(groups, groups.free(), 0.3, random);
    NetworkValues smaller = groups.removal(network, leaving).apply(manager);
    // a block of a norm or of a shuffle that comes to hold one unit alone can leave whole, and none
    // could before: the smaller network then has more units
    boolean isCut =
        network.graph().nodes().stream().anyMatch(n -> n.operator().kind().equals("reshape"));
    boolean isFiner =
        isCut && units(ChannelGroups.of(smaller.graph())) > units(groups) - leaving.size();
    if (!isFiner && !Removal.hasNewAxesOfOne(network.graph(), smaller.graph())) {
      requireSameGroups(groups, leaving, ChannelGroups.of(smaller.graph()));
      requireAnyOrder(groups, network, leaving, smaller, manager);
    }
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

  /** Groups of the smaller network are those of the whole one without what left. */
  private static void requireSameGroups(
      ChannelGroups groups, List<ChannelUnit> gone, ChannelGroups smaller) {
    Map<String, Integer> widths = new HashMap<>();
    for (ChannelGroup group : groups.groups()) {
      widths.put(group.name(), (int) group.units().stream().filter(u -> !gone.contains(u)).count());
    }
    for (ChannelGroup group : smaller.groups()) {
      assertThat(group.units()).as(group.name()).hasSize(widths.getOrDefault(group.name(), -1));
    }
    assertThat(smaller.groups()).hasSameSizeAs(groups.groups());
  }

  /** First some groups, then the others of what is left: the same network. */
  private static void requireAnyOrder(
      ChannelGroups groups,
      NetworkValues network,
      List<ChannelUnit> leaving,
      NetworkValues expected,
      NDManager manager) {
    List<ChannelUnit> first = leaving.stream().filter(u -> u.group() % 2 == 0).toList();
    NetworkValues between = groups.removal(network, first).apply(manager);
    ChannelGroups left = ChannelGroups.of(between.graph());
    List<ChannelUnit> then = new ArrayList<>();
    for (ChannelGroup group : groups.groups()) {
      List<ChannelUnit> kept = group.units().stream().filter(u -> !first.contains(u)).toList();
      for (ChannelGroup now : left.groups()) {
        if (now.name().equals(group.name()) && group.number() % 2 == 1) {
          for (int i = 0; i < kept.size(); i++) {
            if (leaving.contains(kept.get(i))) {
              then.add(now.units().get(i));
            }
          }
        }
      }
    }
    NetworkValues found = left.removal(between, then).apply(manager);
    requireSame(found.graph(), expected.graph());
    for (GraphParameter p : expected.graph().parameters()) {
      assertThat(found.array(p.path()).toFloatArray())
          .as(p.path())
          .isEqualTo(expected.array(p.path()).toFloatArray());
    }
  }
}
