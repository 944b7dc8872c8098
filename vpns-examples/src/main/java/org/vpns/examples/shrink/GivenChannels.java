package org.vpns.examples.shrink;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.examples.Names;
import org.vpns.graph.NetworkValues;
import org.vpns.latency.Latency;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelRules;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.plan.ChannelBudget;
import org.vpns.structured.plan.ChannelPlan;
import org.vpns.structured.plan.ChannelSelection;
import org.vpns.structured.score.ChannelContext;
import org.vpns.structured.score.ChannelImportance;
import org.vpns.structured.score.Importances;
import org.vpns.structured.score.Normaliser;
import picocli.CommandLine.Option;

/** Which channels leave first, and which may not. */
final class GivenChannels {
  /** What ONNX Runtime has fast convolutions for; {@code WidthSpeed} measures what others take. */
  private static final int ALIGNED = 4;

  private static final Map<String, ChannelImportance> IMPORTANCES =
      ImmutableMap.of(
          "l1", Importances.l1(),
          "l2", Importances.l2(),
          "fpgm", Importances.fpgm(),
          "norm-scale", Importances.normScale().normaliser(Normaliser.MEAN),
          "random", Importances.random());

  @Option(
      names = "--importance",
      paramLabel = "NAME",
      description =
          "Which channels leave first: l1, l2, fpgm, norm-scale or random (default:"
              + " ${DEFAULT-VALUE}).",
      defaultValue = "l2")
  private String importance = "l2";

  @Option(
      names = "--round-to",
      paramLabel = "N",
      description =
          "Widths become multiples of it (default: 4, without which convolutions of ONNX Runtime"
              + " are slow; 1 for --channels, or if 4 cannot keep to the budget). 8 or 16 may be"
              + " faster still.")
  private @Nullable Integer roundTo;

  @Option(
      names = "--min-keep",
      paramLabel = "N",
      description = "Channels of each group that stay at least (default: a tenth, rounded up).")
  private @Nullable Integer minKeep;

  @Option(
      names = "--together",
      description =
          "All groups of channels compete by what they save; else each loses the same share.")
  private boolean together;

  @Option(
      names = "--keep",
      paramLabel = "LAYER",
      description = "A layer that keeps its outputs; can be given again.")
  private List<String> kept = List.of();

  /**
   * What leaves, and what widths are multiples of.
   *
   * @param multiple 1 for any width
   * @param measured what was measured to find it; may be empty
   */
  record Chosen(ChannelPlan plan, int multiple, String measured) {
    /** What there is to say beside the plan. */
    String told() {
      boolean whole = plan.groups().stream().allMatch(group -> group.removed().isEmpty());
      String widths =
          whole
              ? "no channel leaves: the network keeps to the budget as it is"
              : multiple > 1
                  ? "widths that change are multiples of " + multiple
                  : "widths are multiples of nothing, which ONNX Runtime has slow kernels for";
      return measured.isEmpty() ? widths : widths + System.lineSeparator() + measured;
    }
  }

  /**
   * What leaves.
   *
   * @param seed of random scores
   * @throws IllegalArgumentException if an option is wrong, or the budget out of reach
   */
  Chosen plan(NetworkValues network, GivenBudget budget, Latency latency, long seed) {
    ChannelImportance scoring = scoring();
    ChannelRules rules = rules();
    ChannelScores scores =
        Hint.adding(
            "Here --keep names a layer whose channels stay, and --importance how they are scored.",
            () -> scores(network, rules, scoring, seed));
    GivenBudget.Subject subject = GivenBudget.Subject.of(network, scores, latency);
    if (roundTo != null) {
      return plan(budget, subject, roundTo);
    }
    if (budget.isExact()) {
      return plan(budget, subject, 1);
    }
    try {
      return plan(budget, subject, ALIGNED);
    } catch (IllegalArgumentException outOfReach) {
      // widths of any number come nearer; if they fail as well, that tells why
      return plan(budget, subject, 1);
    }
  }

  private ChannelRules rules() {
    ChannelRules rules = ChannelRules.standard();
    for (String layer : kept) {
      rules = rules.keepOutputs(layer);
    }
    return rules;
  }

  private static ChannelScores scores(
      NetworkValues network, ChannelRules rules, ChannelImportance scoring, long seed) {
    ChannelGroups groups = ChannelGroups.of(network.graph(), rules);
    return scoring.score(ChannelContext.of(network, groups).seed(seed));
  }

  private Chosen plan(GivenBudget budget, GivenBudget.Subject subject, int multiple) {
    GivenBudget.Planned planned =
        Hint.adding(
            "Here --min-keep and --round-to say how many stay, and --together lets groups compete.",
            () -> budget.planner().plan(limit -> selection(limit, multiple), subject));
    if (budget.isExact() && multiple == 1) {
      requireAll(planned.plan());
    }
    return new Chosen(planned.plan(), multiple, planned.measured());
  }

  private ChannelSelection selection(ChannelBudget limit, int multiple) {
    ChannelSelection selection = ChannelSelection.of(limit).roundTo(multiple);
    selection = minKeep == null ? selection : selection.minKeep(minKeep);
    return together ? selection.global() : selection;
  }

  /** A group by itself loses no more than its floor allows; here that misses the budget. */
  private static void requireAll(ChannelPlan plan) {
    int asked = plan.groups().stream().mapToInt(ChannelPlan.Group::asked).sum();
    int leaving = plan.groups().stream().mapToInt(group -> group.removed().size()).sum();
    for (ChannelPlan.Group group : plan.groups()) {
      if (group.removed().size() < group.asked()) {
        throw Problem.argument(
            "budget out of reach",
            "--channels",
            asked + " channels to leave",
            "nearest " + leaving + " (" + group.name() + ": " + group.note() + ")",
            "keep more, lower --min-keep, or let groups compete by --together");
      }
    }
  }

  /** The importance of that name. */
  ChannelImportance scoring() {
    return Names.one("--importance", IMPORTANCES, importance);
  }
}
