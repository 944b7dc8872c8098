package org.vpns.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Processes that run a main with this JVM's classes. */
public final class JavaProcess {
  private JavaProcess() {}

  /** The Java that runs this. */
  public static final Path HOME = Path.of(System.getProperty("java.home"));

  /**
   * A process, not started yet, with the class path and DJL's settings of this JVM.
   *
   * @param options of the JVM
   */
  public static ProcessBuilder of(Class<?> main, List<String> options, String... arguments) {
    return of(HOME, main, options, arguments);
  }

  private static ProcessBuilder of(
      Path home, Class<?> main, List<String> options, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(home.resolve("bin").resolve("java").toString());
    System.getProperties().stringPropertyNames().stream()
        .filter(JavaProcess::isPassedOn)
        .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }

  /**
   * What a process says that ends by itself, by what stands before the tab of each line.
   *
   * @param options of the JVM
   */
  public static Map<String, String> answers(
      Class<?> main, List<String> options, String... arguments)
      throws IOException, InterruptedException {
    return answers(HOME, main, options, arguments);
  }

  /**
   * The same of another Java.
   *
   * @param home its folder
   */
  public static Map<String, String> answers(
      Path home, Class<?> main, List<String> options, String... arguments)
      throws IOException, InterruptedException {
    Process process =
        of(home, main, options, arguments).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    Map<String, String> answers = new TreeMap<>();
    said.lines().forEach(line -> answers.put(line.split("\t")[0], line.split("\t")[1]));
    return answers;
  }

  private static boolean isPassedOn(String property) {
    return property.startsWith("ai.djl.")
        || property.startsWith("vpns.")
        || property.equals("OPT_OUT_TRACKING");
  }
}
