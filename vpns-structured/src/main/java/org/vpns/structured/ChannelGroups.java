package org.vpns.structured;

import com.google.common.collect.ImmutableList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.graph.GraphEditor;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.internal.graph.op.Shaping;
import org.vpns.structured.ChannelUnit.Slice;

/**
 * The channels of a network that can only be removed together, and their removal:
 *
 * <pre>{@code
 * NetworkValues network = BlockTracer.network(block, new Shape(3, 32, 32));
 * ChannelGroups groups = ChannelGroups.of(network.graph());
 * List<ChannelUnit> last = groups.groups().stream().flatMap(g -> g.free().stream().skip(8)).toList();
 * NetworkValues smaller = groups.removal(network, last).apply(manager);
 * }</pre>
 *
 * <p>What an operator does with channels is known for all operators but recurrent layers and those
 * of other authors; what passes through these stays, as what reaches the network's result does, and
 * what a softmax, a mean or the like is taken over. Each unit that stays says why.
 *
 * <p>The smaller network gives what the whole one gives with zeros in all slices of the units that
 * leave, running statistics aside; but where a layer or group norm takes its mean over them ({@link
 * ChannelGroup#measured()}), and where a sum or a product of matrices goes over values that are not
 * zero when their weights are.
 *
 * <p>Method: Fang et al., DepGraph: Towards Any Structural Pruning, CVPR 2023, on the graph of
 * operators rather than of layers. Immutable.
 */
public final class ChannelGroups {
  private final ModelGraph graph;
  private final ChannelRules rules;
  private final ImmutableList<ChannelGroup> groups;
  private final ImmutableList<ChannelWidth> widths;

  private ChannelGroups(ModelGraph graph, ChannelRules rules, ChannelSearch.Found found) {
    this.graph = graph;
    this.rules = rules;
    groups = ImmutableList.copyOf(found.groups());
    widths = ImmutableList.copyOf(found.widths());
  }

  /** Of a graph, by {@link ChannelRules#standard()}. */
  public static ChannelGroups of(ModelGraph graph) {
    Problem.given(graph, "ChannelGroups.of", "graph");
    return of(graph, ChannelRules.standard());
  }

  /**
   * Of a graph.
   *
   * @throws IllegalArgumentException if the rules name what is not there
   */
  public static ChannelGroups of(ModelGraph graph, ChannelRules rules) {
    Problem.given(graph, "ChannelGroups.of", "graph");
    Problem.given(rules, "ChannelGroups.of", "rules");
    return new ChannelGroups(graph, rules, ChannelSearch.in(graph, rules));
  }

  /** The network's graph. */
  public ModelGraph graph() {
    return graph;
  }

  /** The rules that said what may leave. */
  public ChannelRules rules() {
    return rules;
  }

  /**
   * The rules, and the axes of reshapes that channels lie along here: by these the channels of what
   * is left are found as they are here, however few they come to be.
   */
  public ChannelRules lastingRules() {
    ChannelRules lasting = rules;
    for (ChannelWidth width : widths) {
      for (ChannelWidth.Place place : width.places()) {
        GraphNode maker = graph.maker(place.tensor());
        if (maker != null && maker.operator() instanceof Shaping.Reshape) {
          lasting = lasting.channelAxis(maker.name(), place.axis());
        }
      }
    }
    return lasting;
  }

  /**
   * Checks that these are the groups of a network.
   *
   * @param where for the message, such as {@code ChannelGroups.removal}
   * @throws IllegalArgumentException if the network has another graph
   */
  public void requireOf(NetworkValues network, String where) {
    Problem.given(network, "ChannelGroups.requireOf", "network");
    Problem.given(where, "ChannelGroups.requireOf", "where");
    if (!network.graph().fingerprint().equals(graph.fingerprint())) {
      throw Problem.argument(
          "groups of another network",
          where,
          graph,
          network.graph() + ", built otherwise",
          "find the groups of this network; a network that lost channels has groups of its own");
    }
  }

  /** The groups, in the order in which the network makes their channels. */
  public List<ChannelGroup> groups() {
    return groups;
  }

  /** All units that can leave, group by group. */
  public List<ChannelUnit> free() {
    return groups.stream().flatMap(group -> group.free().stream()).toList();
  }

  /** How wide the network's tensors are, where units can leave them. */
  public List<ChannelWidth> widths() {
    return widths;
  }

  /**
   * An axis of which nothing would be left, such as {@code conv1.weight[0]}, or null if each keeps
   * something. A piece of a split can run empty long before its group does.
   */
  public @Nullable String emptied(Collection<ChannelUnit> leaving) {
    Problem.givenEach(leaving, "ChannelGroups.emptied", "leaving");
    Set<ChannelUnit> gone = new HashSet<>(leaving);
    return widths.stream()
        .filter(width -> gone.containsAll(width.positions().keySet()) && width.canEmpty())
        .map(ChannelWidth::where)
        .findFirst()
        .orElse(null);
  }

  /**
   * An editor that takes units out of a network: its {@link GraphEditor#graph()} tells what the
   * smaller network costs, its {@link GraphEditor#apply} makes it.
   *
   * @param network the network whose graph this is of
   * @param leaving units of these groups; none for no change
   * @throws IllegalArgumentException if the network has another graph, a unit is not of these
   *     groups or stays, or nothing would be left of an axis
   */
  public GraphEditor removal(NetworkValues network, Collection<ChannelUnit> leaving) {
    Problem.given(network, "ChannelGroups.removal", "network");
    Problem.givenEach(leaving, "ChannelGroups.removal", "leaving");
    requireOf(network, "ChannelGroups.removal");
    return narrowed(GraphEditor.of(network), leaving);
  }

  /**
   * The graph of the network without units, to count what it would cost.
   *
   * @param leaving units of these groups; none for no change
   * @throws IllegalArgumentException if a unit is not of these groups or stays, or nothing would be
   *     left of an axis
   */
  public ModelGraph without(Collection<ChannelUnit> leaving) {
    Problem.givenEach(leaving, "ChannelGroups.without", "leaving");
    return narrowed(GraphEditor.of(graph), leaving).graph();
  }

  private GraphEditor narrowed(GraphEditor editor, Collection<ChannelUnit> leaving) {
    leaving.forEach(this::requireFree);
    String emptied = emptied(leaving);
    if (emptied != null) {
      throw Problem.argument(
          "nothing left of an axis",
          emptied,
          "at least 1 position that stays",
          "all of them removed",
          "keep one of the units along it");
    }
    Map<String, Map<Integer, Set<Integer>>> gone = new LinkedHashMap<>();
    for (ChannelUnit unit : leaving) {
      for (Slice slice : unit.slices()) {
        gone.computeIfAbsent(slice.parameter(), p -> new LinkedHashMap<>())
            .computeIfAbsent(slice.axis(), a -> new TreeSet<>())
            .addAll(slice.positions());
      }
    }
    gone.forEach(
        (path, axes) ->
            axes.forEach((axis, out) -> keep(editor, graph.parameter(path), axis, out)));
    return editor;
  }

  private static void keep(
      GraphEditor editor, GraphParameter parameter, int axis, Set<Integer> gone) {
    int length = Math.toIntExact(parameter.shape().get(axis));
    editor.narrow(
        parameter, axis, IntStream.range(0, length).filter(i -> !gone.contains(i)).toArray());
  }

  private void requireFree(ChannelUnit unit) {
    boolean own =
        unit.group() >= 0
            && unit.group() < groups.size()
            && unit.number() >= 0
            && unit.number() < groups.get(unit.group()).units().size()
            && groups.get(unit.group()).units().get(unit.number()).equals(unit);
    if (!own) {
      throw Problem.argument(
          "unit of other groups",
          "unit " + unit.number() + " of group " + unit.group(),
          "a unit of these " + groups.size() + " groups",
          unit.slices(),
          "take units from the groups of this network");
    }
    if (!unit.isFree()) {
      throw Problem.argument(
          "channels that stay",
          unit.slices().get(0).toString(),
          "units that can leave",
          "one that stays: " + unit.stays(),
          "take units of free()");
    }
  }

  /** The groups, each with its axes, and why what stays does. */
  @Override
  public String toString() {
    int all = groups.stream().mapToInt(group -> group.units().size()).sum();
    String head =
        groups.size() + " groups, " + free().size() + " of " + all + " channels can leave";
    return groups.stream()
        .map(ChannelGroup::toString)
        .collect(Collectors.joining(System.lineSeparator(), head + System.lineSeparator(), ""));
  }
}
