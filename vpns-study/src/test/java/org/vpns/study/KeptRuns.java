package org.vpns.study;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What a study has in its folder. */
public final class KeptRuns {
  private KeptRuns() {}

  /** Everything that is kept of the runs, by file, but what they took in time. */
  public static Map<String, String> of(Path folder) throws IOException {
    Map<String, String> texts = new TreeMap<>();
    Path runs = folder.resolve("runs");
    try (Stream<Path> files = Files.walk(runs)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String text = Files.readString(file).replaceAll("(\"\\w*[sS]econds\"): [^,\n]*", "$1");
        texts.put(runs.relativize(file).toString().replace('\\', '/'), text);
      }
    }
    return texts;
  }
}
