package org.vpns.examples.shrink;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.graph.NetworkValues;
import org.vpns.latency.Latency;
import org.vpns.onnx.OnnxRuntime;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.plan.ChannelBudget;
import org.vpns.structured.plan.ChannelPlan;
import org.vpns.structured.plan.ChannelSelection;
import org.vpns.structured.plan.LatencySearch;
import picocli.CommandLine.Option;

/** How small or fast: one of these. */
final class GivenBudget {
  private static final Pattern MILLISECONDS = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*ms");

  @Option(
      names = "--channels",
      paramLabel = "SHARE",
      description = "Share of the channels that stays, such as 0.5.")
  private @Nullable String channels;

  @Option(
      names = "--parameters",
      paramLabel = "SHARE",
      description = "Share of the parameters that stays at most.")
  private @Nullable Double parameters;

  @Option(
      names = "--macs",
      paramLabel = "SHARE",
      description = "Share of the multiply-adds that stays at most.")
  private @Nullable Double macs;

  @Option(
      names = "--bytes",
      paramLabel = "SIZE",
      description = "Bytes of the weights that stay at most, such as 4MB or 512KiB.")
  private @Nullable String bytes;

  @Option(
      names = "--latency",
      paramLabel = "TIME",
      description =
          "Milliseconds of a pass in ONNX Runtime at most, such as 5ms, measured on this machine.")
  private @Nullable String latency;

  /**
   * The channels that leave.
   *
   * @param options of the selection
   * @param runtime measures a latency
   */
  ChannelPlan plan(
      UnaryOperator<ChannelSelection> options,
      Supplier<Latency> runtime,
      NetworkValues network,
      ChannelScores scores) {
    if (latency == null) {
      return options.apply(ChannelSelection.of(budget())).plan(scores);
    }
    // its budget is the latency
    ChannelSelection selection = options.apply(ChannelSelection.of(ChannelBudget.macs(1.0)));
    double milliseconds = milliseconds(latency);
    return LatencySearch.of(runtime.get(), network, scores.groups())
        .plan(selection, scores, milliseconds)
        .plan();
  }

  private ChannelBudget budget() {
    if (channels != null) {
      return ChannelBudget.channels(leaving(channels));
    }
    if (parameters != null) {
      return ChannelBudget.parameters((double) parameters);
    }
    if (macs != null) {
      return ChannelBudget.macs((double) macs);
    }
    return ChannelBudget.bytes(Objects.requireNonNull(bytes));
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

  /** How passes are timed. */
  static Latency latency(int threads, int batch) {
    return Latency.of(OnnxRuntime.standard().threads(threads)).batch(batch);
  }
}
