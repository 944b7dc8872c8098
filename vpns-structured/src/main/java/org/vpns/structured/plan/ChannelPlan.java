package org.vpns.structured.plan;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Ordering;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.vpns.Problem;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.network.Engines;
import org.vpns.internal.network.FrozenParameters;
import org.vpns.internal.text.Texts;
import org.vpns.report.ChannelRecord;
import org.vpns.report.ChannelRecord.Size;
import org.vpns.structured.ChannelGroup;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelRules;
import org.vpns.structured.ChannelUnit;

/**
 * The channels that are to leave a network, and what it costs before and after: made by a {@link
 * ChannelSelection} or {@link #of by hand}, printed before anything changes, saved, applied.
 *
 * <pre>{@code
 * System.out.println(plan);
 * plan.save(Path.of("half.json"));
 * GraphBlock smaller = plan.apply(block, manager);
 * }</pre>
 *
 * <p>It belongs to networks built as the one it was made for, whatever their weights; the smaller
 * network is none of them. Immutable; equal by content.
 */
public final class ChannelPlan {
  private final ChannelRules rules;
  private final String fingerprint;
  private final ImmutableList<Shape> inputs;
  private final String asked;
  private final String obtained;
  private final ImmutableList<Group> groups;
  private final Size before;
  private final Size after;

  /**
   * What becomes of a group.
   *
   * @param name its name
   * @param channels how many it has, those that cannot leave included
   * @param asked how many were to leave, before floors and rounding
   * @param removed numbers of the units that leave, rising
   * @param note why fewer leave than asked for, or none; may be empty
   * @param before what the layers cost that make its channels
   * @param after what they cost afterwards
   */
  public record Group(
      String name,
      int channels,
      int asked,
      List<Integer> removed,
      String note,
      Size before,
      Size after) {
    /** Copies the list. */
    public Group {
      Problem.given(name, "new ChannelPlan.Group", "name");
      removed =
          ImmutableList.copyOf(Problem.givenEach(removed, "new ChannelPlan.Group", "removed"));
      Problem.given(note, "new ChannelPlan.Group", "note");
      Problem.given(before, "new ChannelPlan.Group", "before");
      Problem.given(after, "new ChannelPlan.Group", "after");
    }

    /** How many channels stay. */
    public int kept() {
      return channels - removed.size();
    }
  }

  ChannelPlan(
      ChannelRules rules,
      String fingerprint,
      List<Shape> inputs,
      String asked,
      String obtained,
      List<Group> groups,
      Size before,
      Size after) {
    this.rules = rules;
    this.fingerprint = fingerprint;
    this.inputs = ImmutableList.copyOf(inputs);
    this.asked = asked;
    this.obtained = obtained;
    this.groups = ImmutableList.copyOf(groups);
    this.before = before;
    this.after = after;
  }

  /**
   * A plan by hand.
   *
   * @param leaving units of these groups
   * @throws IllegalArgumentException if one is of other groups or stays, or nothing would be left
   *     of an axis
   */
  public static ChannelPlan of(ChannelGroups groups, Collection<ChannelUnit> leaving) {
    int count = new HashSet<>(Problem.givenEach(leaving, "ChannelPlan.of", "leaving")).size();
    return of(groups, leaving, Texts.plural(count, "channel") + " named");
  }

  /**
   * A plan of units that something else has found.
   *
   * @param leaving units of these groups
   * @param asked what was asked for, in words, for reports
   * @throws IllegalArgumentException if one is of other groups or stays, or nothing would be left
   *     of an axis
   */
  public static ChannelPlan of(
      ChannelGroups groups, Collection<ChannelUnit> leaving, String asked) {
    Problem.given(groups, "ChannelPlan.of", "groups");
    Set<ChannelUnit> units = new HashSet<>(Problem.givenEach(leaving, "ChannelPlan.of", "leaving"));
    Problem.given(asked, "ChannelPlan.of", "asked");
    List<Wish> wishes = new ArrayList<>();
    for (ChannelGroup group : groups.groups()) {
      int own = (int) group.units().stream().filter(units::contains).count();
      wishes.add(new Wish(own, group.free().isEmpty() ? Wish.stays(group) : ""));
    }
    return of(groups, units, new Outcome(asked, Texts.plural(units.size(), "channel")), wishes);
  }

  static ChannelPlan of(
      ChannelGroups groups, Collection<ChannelUnit> leaving, Outcome outcome, List<Wish> wishes) {
    ModelGraph graph = groups.graph();
    GroupSizes before = GroupSizes.of(graph, groups);
    GroupSizes after = GroupSizes.of(groups.without(leaving), groups);
    List<List<Integer>> removed = new ArrayList<>();
    groups.groups().forEach(group -> removed.add(new ArrayList<>()));
    leaving.forEach(unit -> removed.get(unit.group()).add(unit.number()));
    List<Group> planned = new ArrayList<>();
    for (ChannelGroup group : groups.groups()) {
      int g = group.number();
      planned.add(
          new Group(
              group.name(),
              group.units().size(),
              wishes.get(g).asked(),
              Ordering.natural().sortedCopy(removed.get(g)),
              wishes.get(g).note(),
              before.of(g),
              after.of(g)));
    }
    return new ChannelPlan(
        groups.rules(),
        graph.fingerprint(),
        graph.inputs().stream().map(t -> graph.tensor(t).shape()).toList(),
        outcome.asked(),
        outcome.obtained(),
        planned,
        before.all(),
        after.all());
  }

  /** The same, with other words for what was asked for and obtained. */
  ChannelPlan told(String newAsked, String newObtained) {
    return new ChannelPlan(
        rules, fingerprint, inputs, newAsked, newObtained, groups, before, after);
  }

  /** By which rules the channels were found. */
  public ChannelRules rules() {
    return rules;
  }

  /** {@link ModelGraph#fingerprint()} of the network that it is for. */
  public String fingerprint() {
    return fingerprint;
  }

  /** Shapes of the network's inputs, -1 for the batch. */
  public List<Shape> inputs() {
    return inputs;
  }

  /** What was asked for, in words. */
  public String asked() {
    return asked;
  }

  /** What was obtained, in words. */
  public String obtained() {
    return obtained;
  }

  /** All groups, in the network's order. */
  public List<Group> groups() {
    return groups;
  }

  /** What the whole network costs as it is. */
  public Size before() {
    return before;
  }

  /** What the smaller network costs. */
  public Size after() {
    return after;
  }

  /**
   * The smaller network, with the values of what stays. Parameters that keep their shape are the
   * given network's arrays.
   *
   * @param manager owner of the new arrays, which lie on the devices of the old ones
   * @throws IllegalArgumentException if the network is built otherwise, as it is after the plan was
   *     applied
   */
  public NetworkValues apply(NetworkValues network, NDManager manager) {
    Problem.given(network, "ChannelPlan.apply", "network");
    Problem.given(manager, "ChannelPlan.apply", "manager");
    ChannelGroups found = require(network.graph());
    return found.removal(network, units(found)).apply(manager);
  }

  /**
   * The smaller network as a block with copies of all values: names, types, devices and what is
   * frozen stay.
   *
   * @param block as it is for the network that the plan is for; it is traced with the plan's input
   *     shapes
   * @param manager owner of the copies
   * @throws IllegalArgumentException if the network is built otherwise, as it is after the plan was
   *     applied, or cannot be traced
   */
  public GraphBlock apply(Block block, NDManager manager) {
    Problem.given(block, "ChannelPlan.apply", "block");
    Problem.given(manager, "ChannelPlan.apply", "manager");
    try (NDManager scope = manager.newSubManager()) {
      NetworkValues network = NetworkValues.of(traced(block), block);
      GraphBlock smaller = GraphBlock.of(apply(network, scope), manager);
      FrozenParameters.copy(block, smaller);
      return smaller;
    }
  }

  /**
   * A new model with the smaller network as its block; name, type, properties and device stay. The
   * given model stays as it is.
   *
   * @return a model that the caller closes
   * @throws IllegalArgumentException as {@link #apply(Block, NDManager)}
   */
  public Model apply(Model model) {
    Problem.given(model, "ChannelPlan.apply", "model");
    Problem.open(model);
    Model smaller = Engines.newModel(model.getName(), model.getNDManager().getDevice());
    try {
      smaller.setDataType(model.getDataType());
      model.getProperties().forEach(smaller::setProperty);
      smaller.setBlock(apply(model.getBlock(), smaller.getNDManager()));
      return smaller;
    } catch (Throwable e) {
      smaller.close();
      throw e;
    }
  }

  private ModelGraph traced(Block block) {
    if (block instanceof GraphBlock own) {
      return own.graph();
    }
    BlockTracer tracer =
        BlockTracer.of(inputs.stream().map(shape -> shape.slice(1)).toArray(Shape[]::new));
    long batch = inputs.get(0).get(0);
    return (batch < 0 ? tracer : tracer.batch(Math.toIntExact(batch))).trace(block);
  }

  /**
   * What stays of each parameter, with which the moments of an optimiser and masks are cut.
   *
   * @param graph the whole network's
   * @throws IllegalArgumentException if the network is built otherwise
   */
  public SliceMap slices(ModelGraph graph) {
    ChannelGroups found = require(Problem.given(graph, "ChannelPlan.slices", "graph"));
    return SliceMap.of(graph, units(found));
  }

  /** The groups of a network that the plan is for. */
  private ChannelGroups require(ModelGraph graph) {
    if (!graph.fingerprint().equals(fingerprint)) {
      throw Problem.argument(
          "plan for another network",
          "ChannelPlan.apply",
          "the network that the plan was made for, " + before,
          graph + ", built otherwise",
          "a network that lost channels needs a plan of its own");
    }
    return ChannelGroups.of(graph, rules);
  }

  /**
   * The units that leave.
   *
   * @param found groups of the network that the plan is for, by its rules
   * @throws IllegalArgumentException if they are others
   */
  public List<ChannelUnit> units(ChannelGroups found) {
    Problem.given(found, "ChannelPlan.units", "found");
    List<ChannelUnit> units = new ArrayList<>();
    boolean same = found.groups().size() == groups.size();
    for (int g = 0; same && g < groups.size(); g++) {
      ChannelGroup group = found.groups().get(g);
      Group planned = groups.get(g);
      same = group.name().equals(planned.name) && group.units().size() == planned.channels;
      if (same) {
        planned.removed.forEach(u -> units.add(group.units().get(u)));
      }
    }
    if (!same) {
      throw Problem.argument(
          "plan for other groups",
          "ChannelPlan",
          groups.size() + " groups of its names and widths",
          found.groups().size() + " groups",
          "make the plan again: the file was changed, or another version found the groups");
    }
    return units;
  }

  /**
   * Writes the plan as JSON, whole or not at all.
   *
   * @throws IOException if the file cannot be written
   */
  public void save(Path file) throws IOException {
    PlanFile.write(this, Problem.given(file, "ChannelPlan.save", "file"));
  }

  /**
   * Reads a plan. Whether it fits a network is seen when it is applied.
   *
   * @throws org.vpns.io.FormatException if the file is no plan
   * @throws IOException if the file cannot be read
   */
  public static ChannelPlan load(Path file) throws IOException {
    return PlanFile.read(Problem.given(file, "ChannelPlan.load", "file"));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ChannelPlan that
        && rules.equals(that.rules)
        && fingerprint.equals(that.fingerprint)
        && inputs.equals(that.inputs)
        && asked.equals(that.asked)
        && obtained.equals(that.obtained)
        && groups.equals(that.groups)
        && before.equals(that.before)
        && after.equals(that.after);
  }

  @Override
  public int hashCode() {
    return Objects.hash(fingerprint, groups);
  }

  /** For the report of a run on the smaller network: {@code PrunedModel.recordChannels}. */
  public ChannelRecord toRecord() {
    List<ChannelRecord.Group> records =
        groups.stream()
            .map(
                group ->
                    new ChannelRecord.Group(
                        group.name,
                        group.channels,
                        group.asked,
                        group.kept(),
                        group.note,
                        group.before,
                        group.after))
            .toList();
    return new ChannelRecord(asked, obtained, before, after, records);
  }

  /** What was asked for and obtained, and a table of the groups. */
  @Override
  public String toString() {
    return toRecord().toString();
  }
}
