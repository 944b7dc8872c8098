package org.vpns.study.process;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.vpns.Problem;
import org.vpns.Value;
import org.vpns.internal.study.AllocatorSettings;
import org.vpns.internal.study.EngineProperties;
import org.vpns.internal.study.WorkerCount;
import org.vpns.study.StudyPlan;
import org.vpns.study.Workers;

/**
 * Workers that are processes of this machine, one run at a time in each, since an engine trains one
 * network at a time in a JVM.
 *
 * <pre>{@code
 * List<String> arguments = List.of("0.9", "0.95");
 * new Rates().study(arguments).in(folder).run(WorkerProcesses.of(2, Rates.class, arguments));
 * }</pre>
 *
 * <p>A worker is a JVM with the class path, heap and system properties of this one. It computes
 * with one thread unless {@link #threads} says more, and with settings of glibc's memory allocator
 * that save a training step its system calls (docs/benchmarks.md). What it prints is in the folder
 * {@code workers} of the study. A worker that ends in the middle of a run, by an error such as
 * {@link OutOfMemoryError} or otherwise, is started once more, and goes on from the last
 * checkpoint; if it ends again, the run has failed, and its failure names the error and the log.
 * Workers end with the process that started them. Immutable.
 */
public final class WorkerProcesses extends Value<WorkerProcesses> implements Workers {
  private static final List<String> PASSED_ON =
      List.of("-D", "-X", "-ea", "-enableassertions", "--add-", "--enable-");

  private static final List<String> KEPT_BACK =
      List.of("-Xrun", "-Xdebug", "-XX:StartFlightRecording", "-Dcom.sun.management.");

  private final int count;
  private final String plan;
  private final List<String> arguments;
  private int threads = 1;
  private List<String> jvmOptions = List.of();

  private WorkerProcesses(int count, String plan, List<String> arguments) {
    this.count = count;
    this.plan = plan;
    this.arguments = arguments;
  }

  /**
   * Workers of a plan.
   *
   * @param count processes, 1 to 1,024
   * @param plan builds the study in each of them
   * @param arguments of the plan
   */
  public static WorkerProcesses of(
      int count, Class<? extends StudyPlan<?>> plan, List<String> arguments) {
    Problem.given(plan, "WorkerProcesses.of", "plan");
    Problem.givenEach(arguments, "WorkerProcesses.of", "arguments");
    WorkerCount.require(count, WorkerCount.MOST, "WorkerProcesses.of, count");
    return new WorkerProcesses(count, plan.getName(), List.copyOf(arguments));
  }

  /**
   * With threads that each worker computes with, in place of 1. Sums are rounded in another order
   * with another number, so results have the bits of those of a JVM with as many.
   */
  public WorkerProcesses threads(int newThreads) {
    WorkerCount.require(newThreads, WorkerCount.MOST, "WorkerProcesses.threads");
    return with(w -> w.threads = newThreads);
  }

  /** With options such as {@code -Xmx2g}, behind those of this JVM. */
  public WorkerProcesses jvmOptions(String... newOptions) {
    List<String> copy =
        List.of(Problem.givenEach(newOptions, "WorkerProcesses.jvmOptions", "options"));
    return with(w -> w.jvmOptions = copy);
  }

  @Override
  public Session open(Job job) throws IOException {
    Problem.given(job, "WorkerProcesses.open", "job");
    return new ProcessSession(count, job, () -> command(job));
  }

  private ProcessBuilder command(Job job) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(WorkerProcesses::isPassedOn)
        .forEach(command::add);
    EngineProperties.withThreads(threads)
        .forEach((key, value) -> command.add("-D" + key + "=" + value));
    command.addAll(jvmOptions);
    command.add("-cp");
    command.add(System.getProperty("java.class.path", "."));
    command.add(WorkerMain.class.getName());
    command.add(plan);
    command.add(job.folder().toAbsolutePath().toString());
    command.add(Boolean.toString(job.keepsModels()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    AllocatorSettings.addTo(builder.environment());
    builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
    builder.environment().putIfAbsent("OMP_WAIT_POLICY", "PASSIVE");
    return builder;
  }

  /** Agents, debuggers and what listens at a port would want their ports and files twice. */
  static boolean isPassedOn(String option) {
    return PASSED_ON.stream().anyMatch(option::startsWith)
        && KEPT_BACK.stream().noneMatch(option::startsWith);
  }
}
