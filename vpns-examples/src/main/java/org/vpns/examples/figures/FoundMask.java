package org.vpns.examples.figures;

import java.io.IOException;
import java.nio.file.Path;
import org.vpns.MaskSet;
import org.vpns.internal.io.AtomicFolder;
import org.vpns.io.MaskFile;
import org.vpns.report.PruneReport;

/**
 * A mask that a run has found.
 *
 * @param report of that run
 */
record FoundMask(MaskSet masks, PruneReport report) {
  private static final String MASKS = "masks.vpns";
  private static final String REPORT = "report.json";

  /** Reads what {@link #write} wrote. */
  static FoundMask read(Path folder) throws IOException {
    return new FoundMask(
        MaskFile.read(folder.resolve(MASKS)).masks(), PruneReport.read(folder.resolve(REPORT)));
  }

  /** Writes it as a folder, as a whole or not at all. */
  void write(Path target) throws IOException {
    AtomicFolder.of(MASKS, REPORT)
        .write(
            target,
            folder -> {
              MaskFile.of(masks).write(folder.resolve(MASKS));
              report.write(folder.resolve(REPORT));
            });
  }
}
