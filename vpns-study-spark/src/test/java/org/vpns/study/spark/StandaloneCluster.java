package org.vpns.study.spark;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Lists;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;

/**
 * A cluster of Spark's own kind on this machine: a master and workers, each a process, and an
 * executor of one core for each worker.
 */
final class StandaloneCluster implements AutoCloseable {
  private static final Pattern ADDRESS = Pattern.compile("spark://127\\.0\\.0\\.1:\\d+");
  private static final Pattern REGISTERED = Pattern.compile("Successfully registered with master");
  private static final String PACKAGE = "org.apache.spark.deploy.";

  private final Path folder;
  private final List<Process> processes = new ArrayList<>();
  private final String address;

  StandaloneCluster(Path folder, int workers) throws IOException, InterruptedException {
    this.folder = folder;
    // without a distribution of Spark: daemons look for the folder of its jars, executors in it
    Files.createDirectories(folder.resolve("home/jars"));
    address =
        start(
            "master",
            ADDRESS,
            List.of("master.Master", "--host", "127.0.0.1", "--port", "0", "--webui-port", "0"));
    for (int i = 0; i < workers; i++) {
      start(
          "worker-" + i,
          REGISTERED,
          List.of(
              "worker.Worker",
              "--host",
              "127.0.0.1",
              "--port",
              "0",
              "--webui-port",
              "0",
              "--cores",
              "1",
              "--memory",
              "1g",
              "--work-dir",
              folder.resolve("work-" + i).toString(),
              address));
    }
  }

  /** Starts a daemon and waits until its log has a text. */
  private String start(String name, Pattern awaited, List<String> main)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx192m");
    // else the master opens a port of a fixed number
    command.add("-Dspark.master.rest.enabled=false");
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
    command.add("-Dorg.slf4j.simpleLogger.log.org.apache.spark.deploy=info");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(PACKAGE + main.get(0));
    command.addAll(main.subList(1, main.size()));
    File log = folder.resolve(name + ".log").toFile();
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log);
    builder.environment().put("SPARK_HOME", folder.resolve("home").toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    Process process = builder.start();
    processes.add(process);
    while (process.isAlive()) {
      Matcher found = awaited.matcher(Files.readString(log.toPath()));
      if (found.find()) {
        return found.group();
      }
      Thread.sleep(100);
    }
    throw new AssertionError(name + " ended: " + Files.readString(log.toPath()));
  }

  /** For a driver in this JVM. */
  SparkConf conf() throws IOException {
    Path temporary = Files.createDirectories(temporary());
    return conf(address).set("spark.executor.extraJavaOptions", "-Djava.io.tmpdir=" + temporary);
  }

  /** The executors' folder for what is temporary. */
  private Path temporary() {
    return folder.resolve("tmp");
  }

  /** What executors have left of their studies. */
  List<Path> left() throws IOException {
    try (Stream<Path> files = Files.list(temporary())) {
      return files.filter(f -> f.getFileName().toString().startsWith("vpns-study-")).toList();
    }
  }

  static SparkConf conf(String master) {
    return new SparkConf(false)
        .setMaster(master)
        .set("spark.ui.enabled", "false")
        .set("spark.driver.host", "127.0.0.1")
        .set("spark.driver.bindAddress", "127.0.0.1")
        .set("spark.executor.memory", "512m")
        .set("spark.executor.extraClassPath", System.getProperty("java.class.path"));
  }

  /** Ends workers, and their executors with them; the master stays. */
  void endWorkers() throws InterruptedException {
    for (Process worker : processes.subList(1, processes.size())) {
      end(worker);
    }
  }

  private static void end(Process process) throws InterruptedException {
    List<ProcessHandle> executors = process.descendants().toList();
    process.destroy();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    executors.forEach(ProcessHandle::destroyForcibly);
  }

  @Override
  public void close() throws InterruptedException {
    for (Process process : Lists.reverse(processes)) {
      end(process);
    }
    assertThat(processes).noneMatch(Process::isAlive);
  }
}
