package org.vpns.examples.shrink;

import com.google.common.base.Suppliers;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.examples.OptionValue;
import org.vpns.graph.NetworkValues;
import org.vpns.latency.Latency;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.plan.ChannelBudget;
import org.vpns.structured.plan.ChannelPlan;
import org.vpns.structured.plan.ChannelSelection;
import org.vpns.structured.plan.LatencySearch;
import picocli.CommandLine.Option;

/**
 * How small or fast: one of these, each a way to plan which channels leave. Options are numbered,
 * since the methods of a class have no order.
 */
final class GivenBudget {
  private static final Pattern MILLISECONDS = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*ms");

  /**
   * What is planned for.
   *
   * @param search measures the network and its layers when it is first asked for
   */
  record Subject(ChannelScores scores, Supplier<LatencySearch> search) {
    static Subject of(NetworkValues network, ChannelScores scores, Latency latency) {
      return new Subject(
          scores, Suppliers.memoize(() -> LatencySearch.of(latency, network, scores.groups())));
    }
  }

  /**
   * What leaves.
   *
   * @param measured what was measured to find it; may be empty
   */
  record Planned(ChannelPlan plan, String measured) {}

  /** Plans under the budget that an option has named. */
  interface Planner {
    /**
     * The channels that leave.
     *
     * @throws IllegalArgumentException if the budget is out of reach
     */
    Planned plan(Options options, Subject subject);
  }

  /** Everything about the selection but its budget. */
  interface Options {
    ChannelSelection of(ChannelBudget budget);
  }

  private boolean isExact;
  private boolean isTimed;

  private Supplier<Planner> given =
      () -> {
        throw new IllegalStateException("one of the options is required");
      };

  @Option(
      names = "--channels",
      order = 1,
      paramLabel = "SHARE",
      description = "Share of the channels that stays, such as 0.5.")
  private void channels(String share) {
    isExact = true;
    budget("--channels", () -> ChannelBudget.channels(leaving(share)));
  }

  @Option(
      names = "--parameters",
      order = 2,
      paramLabel = "SHARE",
      description = "Share of the parameters that stays at most.")
  private void parameters(double share) {
    budget("--parameters", () -> ChannelBudget.parameters(share));
  }

  @Option(
      names = "--macs",
      order = 3,
      paramLabel = "SHARE",
      description = "Share of the multiply-adds that stays at most.")
  private void macs(double share) {
    budget("--macs", () -> ChannelBudget.macs(share));
  }

  @Option(
      names = "--bytes",
      order = 4,
      paramLabel = "SIZE",
      description = "Bytes of the weights that stay at most, such as 4MB or 512KiB.")
  private void bytes(String size) {
    budget("--bytes", () -> ChannelBudget.bytes(size));
  }

  @Option(
      names = "--latency",
      order = 5,
      paramLabel = "TIME",
      description =
          "Milliseconds of a pass in ONNX Runtime at most, such as 5ms, measured on this machine.")
  private void latency(String time) {
    isTimed = true;
    given =
        () -> {
          double most = milliseconds(time);
          return (options, subject) -> inTime(options, subject, time, most);
        };
  }

  private static Planned inTime(Options options, Subject subject, String time, double most) {
    ChannelSelection selection = options.of(ChannelBudget.macs(1.0)); // the time decides
    LatencySearch.Found found = subject.search().get().plan(selection, subject.scores(), most);
    return new Planned(
        found.plan(),
        String.format(
            Locale.ROOT,
            "for at most %s: %.3f => %.3f ms when the channels were chosen",
            time,
            found.before(),
            found.after()));
  }

  /** Values are read when all options are known, so that what is wrong is told in our words. */
  private void budget(String option, Supplier<ChannelBudget> made) {
    given =
        () -> {
          ChannelBudget budget = OptionValue.of(option, made);
          return (options, subject) -> new Planned(options.of(budget).plan(subject.scores()), "");
        };
  }

  /** Whether networks are timed to find what leaves. */
  boolean isTimed() {
    return isTimed;
  }

  /** Whether so many leave, and no more or fewer. */
  boolean isExact() {
    return isExact;
  }

  /**
   * Plans under the budget that was given.
   *
   * @throws IllegalArgumentException if it cannot be read
   */
  Planner planner() {
    return given.get();
  }

  private static Sparsity leaving(String staying) {
    Sparsity share = Sparsity.of(staying);
    return Sparsity.of(BigDecimal.ONE.subtract(share.value()));
  }

  private static double milliseconds(String text) {
    Matcher matcher = MILLISECONDS.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches() || !(Double.parseDouble(matcher.group(1)) > 0)) {
      throw Problem.argument(
          "time that cannot be read",
          "--latency",
          "a number above 0 and ms",
          "'" + text + "'",
          "write for example 5ms");
    }
    return Double.parseDouble(matcher.group(1));
  }
}
