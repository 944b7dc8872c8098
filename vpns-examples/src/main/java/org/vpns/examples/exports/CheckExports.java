package org.vpns.examples.exports;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.vpns.examples.EngineSettings;

/**
 * Checks ONNX files that other programs exported, with their answers beside them: {@code
 * docs/torchvision/export.py} makes both. Reads names of folders from standard input and writes one
 * line of tab-separated values for each.
 */
public final class CheckExports {
  private CheckExports() {}

  /** Runs the checks; takes no arguments. */
  public static void main(String[] args) throws IOException {
    EngineSettings.apply();
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println(ExportCheck.HEADINGS);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.println(new ExportCheck(Path.of(line)).line());
    }
  }
}
