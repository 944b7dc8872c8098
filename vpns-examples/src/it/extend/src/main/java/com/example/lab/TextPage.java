package com.example.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.vpns.report.PruneReport;
import org.vpns.spi.ReportPage;

/** The summary alone, for people who read no pages. */
public final class TextPage implements ReportPage {
  @Override
  public String fileName() {
    return "report.txt";
  }

  @Override
  public void write(PruneReport report, Path file) throws IOException {
    Files.writeString(file, report.summary());
  }
}
