package org.vpns.examples;

import java.util.List;
import java.util.Optional;
import org.vpns.Problem;
import org.vpns.internal.study.WorkerCount;
import org.vpns.study.StudyPlan;
import org.vpns.study.Workers;
import org.vpns.study.process.WorkerProcesses;
import picocli.CommandLine.Option;

/** How many processes make the runs of a main. */
public final class WorkersOption {
  @Option(
      names = "--workers",
      paramLabel = "N",
      order = 902,
      description =
          "Processes that make the runs side by side, each with one thread and its own memory;"
              + " 0: this one makes them, one by one (default: ${DEFAULT-VALUE}).",
      defaultValue = "0")
  private int count;

  /**
   * The processes; empty if this one makes the runs.
   *
   * @param plan a main that builds the runs by the same options
   * @param arguments its options
   * @throws IllegalArgumentException if there are too few or too many
   */
  public Optional<Workers> of(Class<? extends StudyPlan<?>> plan, List<String> arguments) {
    if (count < 0 || count > WorkerCount.MOST) {
      throw Problem.argument(
          "number of workers out of range",
          "--workers",
          "0 to " + WorkerCount.MOST,
          count,
          "2 is usual, and there is no use in more than cores");
    }
    return count == 0 ? Optional.empty() : Optional.of(WorkerProcesses.of(count, plan, arguments));
  }
}
