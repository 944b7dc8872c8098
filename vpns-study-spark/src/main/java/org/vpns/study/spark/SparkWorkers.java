package org.vpns.study.spark;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Value;
import org.vpns.internal.study.EngineProperties;
import org.vpns.internal.study.WorkerCount;
import org.vpns.internal.study.kept.StudyFolder;
import org.vpns.study.StudyPlan;
import org.vpns.study.Workers;

/**
 * Workers that are the executors of an Apache Spark cluster, one run at a time in each.
 *
 * <pre>{@code
 * List<String> arguments = List.of("0.9", "0.95");
 * new Rates().study(arguments).in(folder)
 *     .run(SparkWorkers.of(new SparkConf(), Rates.class, arguments));
 * }</pre>
 *
 * <p>An executor builds the study by its plan, in a temporary folder that it deletes when it ends,
 * and sends back the file of each result, and the pruned model if it is kept; a file system that is
 * shared is not needed. It computes with one thread unless {@link #threads} says more. A run whose
 * executor is lost begins anew on another, as often as {@code spark.task.maxFailures} says; one
 * that fails by itself is not tried again. docs/run-on-a-cluster.md has the commands. Immutable.
 */
public final class SparkWorkers extends Value<SparkWorkers> implements Workers {
  private static final int MOST = 100_000;
  private static final String ENDED = "an application that ended before it had an executor";

  private final SparkConf conf;
  private final @Nullable JavaSparkContext context;
  private final String plan;
  private final List<String> arguments;
  private int slots;
  private int threads = 1;
  private Duration patience = Duration.ofMinutes(5);

  private SparkWorkers(
      SparkConf conf, @Nullable JavaSparkContext context, String plan, List<String> arguments) {
    this.conf = conf;
    this.context = context;
    this.plan = plan;
    this.arguments = arguments;
  }

  /**
   * Executors of an application that is started for the study and ends with it.
   *
   * @param conf {@code new SparkConf()} has what was given to {@code spark-submit}; where it says
   *     nothing, an executor has one core
   * @param plan builds the study in each executor
   * @param arguments of the plan
   */
  public static SparkWorkers of(
      SparkConf conf, Class<? extends StudyPlan<?>> plan, List<String> arguments) {
    Problem.given(conf, "SparkWorkers.of", "conf");
    Problem.given(plan, "SparkWorkers.of", "plan");
    Problem.givenEach(arguments, "SparkWorkers.of", "arguments");
    return new SparkWorkers(conf.clone(), null, plan.getName(), List.copyOf(arguments));
  }

  /**
   * Executors of an application that goes on behind the study.
   *
   * @param context of the application; {@code spark.executor.cores} and {@code spark.task.cpus}
   *     must be set, and equal
   * @param plan builds the study in each executor
   * @param arguments of the plan
   */
  public static SparkWorkers of(
      JavaSparkContext context, Class<? extends StudyPlan<?>> plan, List<String> arguments) {
    Problem.given(context, "SparkWorkers.of", "context");
    Problem.given(plan, "SparkWorkers.of", "plan");
    Problem.givenEach(arguments, "SparkWorkers.of", "arguments");
    return new SparkWorkers(new SparkConf(false), context, plan.getName(), List.copyOf(arguments));
  }

  /** With runs that are under way at a time, in place of as many as there are executors. */
  public SparkWorkers slots(int newSlots) {
    WorkerCount.require(newSlots, MOST, "SparkWorkers.slots");
    return with(w -> w.slots = newSlots);
  }

  /**
   * With threads that each executor computes with, in place of 1, where its own system properties
   * say nothing. Results have the bits of those of a JVM with as many.
   */
  public SparkWorkers threads(int newThreads) {
    WorkerCount.require(newThreads, MOST, "SparkWorkers.threads");
    return with(w -> w.threads = newThreads);
  }

  /** With the time that the cluster may be without executors, in place of 5 minutes. */
  public SparkWorkers patience(Duration newPatience) {
    Problem.given(newPatience, "SparkWorkers.patience", "patience");
    if (newPatience.isNegative()) {
      throw Problem.argument(
          "negative time", "SparkWorkers.patience", "0 or more", newPatience, "name a duration");
    }
    return with(w -> w.patience = newPatience);
  }

  /**
   * Begins, when an executor is there.
   *
   * @throws IllegalStateException if executors would get more than one run at a time
   * @throws IOException if the cluster cannot be reached or has no executor
   */
  @Override
  public Session open(Job job) throws IOException {
    Problem.given(job, "SparkWorkers.open", "job");
    JavaSparkContext spark = context == null ? start() : context;
    Runnable end = context == null ? spark::stop : () -> {};
    try {
      Cluster cluster = new Cluster(spark, patience);
      cluster.requireRunning();
      cluster.requireOneRunPerExecutor();
      int executors = cluster.awaitExecutors();
      RunTask task = new RunTask(asked(job, cluster.isLocal()));
      StudyFolder folder = new StudyFolder(job.folder());
      return new ClusterSession(cluster, slots == 0 ? executors : slots, task, folder, end);
    } catch (IOException | RuntimeException e) {
      boolean ended = context == null && spark.sc().isStopped();
      end.run();
      if (ended) {
        throw new IOException(notStarted(spark.getConf(), ENDED), e);
      }
      throw e;
    }
  }

  /** A local executor is this JVM, which has its properties. */
  private Asked asked(Job job, boolean local) {
    return new Asked(
        plan,
        arguments,
        job.fingerprint(),
        job.keepsModels(),
        local ? Map.of() : EngineProperties.withThreads(threads));
  }

  /**
   * Where no master answers Spark stops the context after a minute, and its constructor may stumble
   * over what is no longer there, or be told that it was stopped.
   */
  private JavaSparkContext start() throws IOException {
    SparkConf whole =
        conf.clone()
            .setIfMissing("spark.app.name", plan)
            .setIfMissing("spark.executor.cores", "1")
            .setIfMissing("spark.task.cpus", conf.get("spark.executor.cores", "1"))
            .setIfMissing("spark.executorEnv.OMP_NUM_THREADS", Integer.toString(threads));
    try {
      return new JavaSparkContext(whole);
    } catch (Exception e) { // Scala throws what it does not declare
      throw new IOException(notStarted(whole, isOfAnEndedOne(e) ? ENDED : e), e);
    }
  }

  private static boolean isOfAnEndedOne(Exception e) {
    return e instanceof NullPointerException
        || e instanceof IllegalStateException
            && String.valueOf(e.getMessage()).contains("stopped SparkContext");
  }

  private static String notStarted(SparkConf conf, Object found) {
    return Problem.message(
        "Spark application that cannot be started",
        conf.get("spark.master", "no spark.master"),
        "a cluster that answers",
        found,
        "see that the master runs at this address and has the driver's version of Spark; its log"
            + " and this one say more");
  }
}
