package com.example.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.vpns.report.PruneReport;
import org.vpns.spi.ReportPage;

/** A page for people who read logs: the summary in a pre-formatted block. */
public final class TextPage implements ReportPage {
  @Override
  public void write(PruneReport report, Path file) throws IOException {
    Files.writeString(file, "<pre>\n" + report.summary() + "\n</pre>\n");
  }
}
