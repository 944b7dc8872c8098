package org.vpns.examples.figures;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.vpns.Sparsity;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.internal.network.Engines;
import org.vpns.predict.PrunedModel;
import org.vpns.report.PruneReport;
import org.vpns.study.StudyRun;
import org.vpns.train.ImageSets;
import org.vpns.train.MaskRule;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Trainer;

/**
 * A mask that is found on the images the network was trained on, and tuned on the task's. The
 * finding is kept among the stages that runs of a study share, so that it is made once, whatever
 * process asks for it; its cost is in the report.
 *
 * @param task has the network
 * @param source images to find the mask on
 * @param finding has one stage
 * @param tuning has one stage, whose mask gives way to the one that is found
 */
record TransferRun(ComparisonTask task, ComparisonTask.Source source, Recipe finding, Recipe tuning)
    implements StudyRun<PruneReport> {
  /** Before the names of the finding's options. */
  private static final String OF_FINDING = "finding, ";

  @Override
  public String method() {
    return tuning.name();
  }

  @Override
  public Sparsity sparsity() {
    return tuning.sparsity();
  }

  @Override
  public long seed() {
    return tuning.seed();
  }

  @Override
  public Map<String, String> options() {
    Map<String, String> options = new LinkedHashMap<>(tuning.options());
    options.put("mask", "that of the finding, in place of the one by which tuning is described");
    options.putAll(ofFinding(finding.options()));
    return options;
  }

  private static Map<String, String> ofFinding(Map<String, String> options) {
    Map<String, String> named = new LinkedHashMap<>();
    options.forEach((name, value) -> named.put(OF_FINDING + name, value));
    return named;
  }

  @Override
  public long gradientSteps(long images) {
    return finding.gradientSteps(images) + tuning.gradientSteps(images);
  }

  @Override
  public PruneReport run(Place place) throws IOException {
    return with(
        place,
        (mask, identity) -> {
          PruneReport report = tuned(mask).run(place).after(mask.report());
          for (Map.Entry<String, String> entry : identity.entrySet()) {
            report = report.provenance(entry.getKey(), entry.getValue());
          }
          return report;
        });
  }

  @Override
  public PruneReport read(Path file, Place place) throws IOException {
    return with(
        place, (mask, identity) -> tuned(mask).read(file, place).requireRunOf(identity, file));
  }

  private StudyRun<PruneReport> tuned(FoundMask mask) {
    Stage stage = tuning.stages().get(0).toBuilder().mask(MaskRule.given(mask.masks())).build();
    return StudyRun.of(tuning.toBuilder().stages(List.of(stage)).build());
  }

  /** What is done with the mask. */
  private interface Use {
    PruneReport use(FoundMask mask, Map<String, String> identity) throws IOException;
  }

  private PruneReport with(Place place, Use use) throws IOException {
    try (Model network = task.network();
        NDManager manager = Engines.newManager("images of a run")) {
      ImageSets images = source.images().apply(manager);
      Trainer trainer = Trainer.of(finding).listener(place.listener());
      Map<String, String> identity = trainer.identity(network, images);
      Path kept = place.stages().resolve("mask-" + digest(identity));
      if (!Files.exists(kept)) {
        try (PrunedModel pruned = trainer.fit(network, images)) {
          new FoundMask(pruned.masks(), pruned.report()).write(kept);
        }
      }
      FoundMask mask = FoundMask.read(kept);
      mask.report().requireRunOf(identity, kept);
      return use.use(mask, ofFinding(identity));
    }
  }

  private static String digest(Map<String, String> identity) {
    return Hashing.sha256()
        .hashString(identity.toString(), StandardCharsets.UTF_8)
        .toString()
        .substring(0, 16);
  }

  @Override
  public void write(PruneReport result, Path file) throws IOException {
    result.write(file);
  }

  @Override
  public String line(PruneReport result) {
    return result.line();
  }
}
