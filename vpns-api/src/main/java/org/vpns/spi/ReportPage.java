package org.vpns.spi;

import java.io.IOException;
import java.nio.file.Path;
import org.vpns.report.PruneReport;

/**
 * Draws a report as a page for people. Found with {@link java.util.ServiceLoader}; a result that is
 * saved where there is one on the class path gets its page, or several, elsewhere it has the
 * report's values alone.
 */
public interface ReportPage {
  /**
   * Name of its file in the result folder, such as {@code report.html}, which no other page and no
   * file of the result has.
   */
  String fileName();

  /**
   * Writes the page of one run; an existing file is replaced as a whole or not at all.
   *
   * @throws IOException if the file cannot be written
   */
  void write(PruneReport report, Path file) throws IOException;
}
