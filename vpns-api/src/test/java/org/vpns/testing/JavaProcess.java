package org.vpns.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Processes that run a main with this JVM's classes. */
public final class JavaProcess {
  private JavaProcess() {}

  /**
   * A process, not started yet, with the class path and DJL's settings of this JVM.
   *
   * @param options of the JVM
   */
  public static ProcessBuilder of(Class<?> main, List<String> options, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    System.getProperties().stringPropertyNames().stream()
        .filter(JavaProcess::isPassedOn)
        .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }

  private static boolean isPassedOn(String property) {
    return property.startsWith("ai.djl.")
        || property.startsWith("vpns.")
        || property.equals("OPT_OUT_TRACKING");
  }
}
