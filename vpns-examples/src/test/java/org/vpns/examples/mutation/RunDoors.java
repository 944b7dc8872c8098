package org.vpns.examples.mutation;

import ai.djl.Model;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDManager;
import ai.djl.translate.TranslateException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.vpns.MaskSet;
import org.vpns.VisualPrompt;
import org.vpns.examples.mutation.Door.Use;
import org.vpns.io.MaskFile;
import org.vpns.predict.PromptFile;
import org.vpns.predict.PrunedModel;
import org.vpns.report.PruneReport;
import org.vpns.study.Comparison;
import org.vpns.study.HtmlReport;
import org.vpns.study.Study;
import org.vpns.study.StudyRun;
import org.vpns.study.StudyTask;
import org.vpns.testing.Fixtures;
import org.vpns.train.ImageSets;
import org.vpns.train.Trainer;

/** Readers of what runs leave: results, their parts, checkpoints and kept reports. */
final class RunDoors extends DoorGroup {
  /**
   * @param folder for the files of the runs that samples are made by
   */
  RunDoors(Path folder) throws IOException {
    super(folder);
    Map<String, byte[]> result = Samples.result(folder);
    results(result);
    parts(result);
    runs();
  }

  private void results(Map<String, byte[]> result) {
    add(
        "result",
        1,
        List.of(result),
        Samples::repairResult,
        null,
        (place, random) -> pruned(PrunedModel.load(place)),
        IOException.class);
    Model model = owned(Samples.network());
    add(
        "result into a model",
        1,
        List.of(result),
        Samples::repairResult,
        model,
        (place, random) -> pruned(PrunedModel.load(place, model)),
        IOException.class,
        IllegalArgumentException.class);
  }

  private void parts(Map<String, byte[]> result) throws IOException {
    add(
        "masks",
        3,
        alone("masks.vpns", result.get("masks.vpns"), Fixtures.bytes("masks-v1.vpns")),
        (place, random) -> {
          MaskFile file = MaskFile.read(place.resolve("masks.vpns"));
          MaskSet masks = file.masks();
          return out -> {
            file.write(out.resolve("again.vpns"));
            if (file.toString().isEmpty()) {
              throw new AssertionError(masks);
            }
          };
        },
        IOException.class);
    NDManager manager = NDManager.newBaseManager();
    owned.add(manager);
    add(
        "prompt",
        2,
        List.of(Map.of("prompt.safetensors", result.get("prompt.safetensors"))),
        Samples::repairPrompt,
        null,
        (place, random) -> {
          NDManager own = manager.newSubManager();
          VisualPrompt prompt;
          try {
            prompt = PromptFile.load(own, place.resolve("prompt.safetensors"));
          } catch (Throwable e) {
            int left = own.getManagedArrays().size();
            own.close();
            if (left > 0) {
              throw new AssertionError(left + " arrays stay", e);
            }
            throw e;
          }
          return new Use() {
            @Override
            public void use(Path out) throws IOException {
              PromptFile.save(prompt, out.resolve("again.safetensors"));
            }

            @Override
            public void close() {
              own.close();
            }
          };
        },
        IOException.class);
    add(
        "report",
        2,
        List.of(Map.of("report.json", result.get("report.json"))),
        (place, random) -> {
          PruneReport report = PruneReport.read(place.resolve("report.json"));
          return out -> {
            report.write(out.resolve("again.json"));
            String text = report.summary() + report.line() + report;
            Files.writeString(out.resolve("text"), text);
            try {
              Comparison comparison = Comparison.of(List.of(report), report.recipe());
              HtmlReport.write(out.resolve("r.html"), "runs", comparison, List.of(report));
              Files.writeString(out.resolve("c"), comparison.toCsv() + comparison.toMarkdown());
            } catch (IllegalArgumentException e) {
              throw new MutationLaw.Refused(e);
            }
          };
        },
        IOException.class);
  }

  private void runs() throws IOException {
    Model model = owned(Samples.network());
    ImageSets images = Samples.images(model.getNDManager());
    add(
        "checkpoint",
        0.3,
        List.of(Samples.checkpoint(folder)),
        Samples::repairCheckpoint,
        model,
        (place, random) -> {
          Path run = place.resolveSibling("run");
          Files.createDirectories(run);
          Path name = Path.of("checkpoint.safetensors");
          Files.copy(place.resolve(name), run.resolve(name)); // a run goes on writing there
          PrunedModel pruned =
              Trainer.of(Samples.recipe()).checkpoints(run).resume().fit(model, images);
          return pruned(pruned);
        },
        UncheckedIOException.class,
        IllegalStateException.class);
    Study<PruneReport> study = Study.of(new Sample(), List.of(StudyRun.of(Samples.recipe())));
    String name = study.cells().get(0).name() + ".json";
    study.in(folder.resolve("kept")).run();
    byte[] report = Files.readAllBytes(folder.resolve("kept/runs").resolve(name));
    add(
        "kept runs",
        0.5,
        List.of(Map.of("report.json", report)),
        files -> files,
        model,
        (place, random) -> {
          Path run = place.resolveSibling("run");
          Path kept = run.resolve("runs").resolve(name);
          Files.createDirectories(kept.getParent());
          Files.copy(place.resolve("report.json"), kept);
          PruneReport read = study.in(run).run().results().get(0);
          return out -> read.write(out.resolve("again.json"));
        },
        IOException.class,
        IllegalStateException.class);
  }

  /** What kept runs are made on. */
  private static final class Sample implements StudyTask {
    @Override
    public String name() {
      return "sample";
    }

    @Override
    public Model network() {
      return Samples.network();
    }

    @Override
    public ImageSets images(long seed, NDManager manager) {
      return Samples.images(manager);
    }
  }

  /** One prediction and one save. */
  private static Use pruned(PrunedModel pruned) {
    return new Use() {
      @Override
      public void use(Path out) throws Exception {
        long pixels = (long) pruned.input().height() * pruned.input().width();
        if (pixels <= MAX_VALUES) {
          Image image =
              ImageFactory.getInstance()
                  .fromImage(
                      new BufferedImage(
                          pruned.input().imageWidth(),
                          pruned.input().imageHeight(),
                          BufferedImage.TYPE_INT_RGB));
          try (var predictor = pruned.newPredictor()) {
            requireText(predictor.predict(image));
          } catch (TranslateException e) {
            boolean told =
                e.getCause() instanceof IllegalStateException
                    && e.getCause().getMessage().startsWith("answer is not a number");
            // damaged values may be far too large, which shows in the answer alone
            throw told ? new MutationLaw.Refused((Exception) e.getCause()) : e;
          }
        }
        pruned.save(out.resolve("again"));
        requireText(pruned);
      }

      @Override
      public void close() {
        pruned.close();
      }
    };
  }
}
