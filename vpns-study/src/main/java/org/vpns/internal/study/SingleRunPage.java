package org.vpns.internal.study;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.vpns.Problem;
import org.vpns.report.PruneReport;
import org.vpns.spi.ReportPage;
import org.vpns.study.Comparison;
import org.vpns.study.HtmlReport;

/** The page of one run, which a saved result gets. */
public final class SingleRunPage implements ReportPage {
  @Override
  public String fileName() {
    return "report.html";
  }

  @Override
  public void write(PruneReport report, Path file) throws IOException {
    Problem.given(report, "ReportPage.write", "report");
    Problem.given(file, "ReportPage.write", "file");
    HtmlReport.write(
        file,
        report.recipe() + " at sparsity " + report.sparsity(),
        Comparison.of(List.of(report), report.recipe()),
        List.of(report));
  }
}
