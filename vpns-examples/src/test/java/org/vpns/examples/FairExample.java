package org.vpns.examples;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import org.vpns.ImageInput;
import org.vpns.Sparsity;
import org.vpns.control.Controls;
import org.vpns.model.ResNets;
import org.vpns.prompt.Prompts;
import org.vpns.prune.Pruners;
import org.vpns.report.PruneReport;
import org.vpns.study.Comparison;
import org.vpns.study.HtmlReport;
import org.vpns.study.Hypothesis;
import org.vpns.study.Study;
import org.vpns.study.StudyRun;
import org.vpns.study.StudyTask;
import org.vpns.study.data.ClassFolders;
import org.vpns.study.data.ImageTable;
import org.vpns.study.progress.Progress;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.weights.WeightFile;

/** Code of the guide "compare methods fairly". */
final class FairExample {
  private FairExample() {}

  // README: task
  record Pictures(Path folder) implements StudyTask {
    @Override
    public String name() {
      return "pictures";
    }

    @Override
    public Model network() throws IOException {
      Model model = ResNets.small().withInput(3, 16, 16).withClasses(2).newModel("small", 1);
      WeightFile.open(folder.resolve("network.safetensors")).into(model);
      return model;
    }

    @Override
    public ImageSets images(long seed, NDManager manager) throws IOException {
      ImageTable train = ClassFolders.read(folder.resolve("train"), 3, 16, 16);
      ImageTable test = ClassFolders.read(folder.resolve("test"), 3, 16, 16, train.classNames());
      return ImageSets.of(train.toDataset(manager), train.classes()).test(test.toDataset(manager));
    }
  }

  // README: end

  // README: recipes
  static Recipe omp(Sparsity sparsity, long seed) {
    return Recipe.of(Pruners.magnitude().length(Length.iterations(40)), sparsity)
        .input(ImageInput.of(3, 16, 16))
        .batchSize(8)
        .seed(seed)
        .build();
  }

  static Recipe vpns(Sparsity sparsity, long seed) {
    Length half = Length.iterations(20);
    return Recipe.of(Pruners.vpns().lengths(half, half), sparsity)
        .prompt(Prompts.pad(2))
        .input(ImageInput.of(3, 16, 16))
        .batchSize(8)
        .seed(seed)
        .build();
  }

  // README: end

  static Study<PruneReport> study(Path pictures, Path folder) {
    // README: study
    Study<PruneReport> study =
        Study.<PruneReport>of(
                (sparsity, seed) -> StudyRun.of(omp(sparsity, seed)),
                (sparsity, seed) -> StudyRun.of(vpns(sparsity, seed)),
                (sparsity, seed) -> StudyRun.of(Controls.equalCost(vpns(sparsity, seed))))
            .sparsities("0.9", "0.95")
            .seeds(1, 2, 3)
            .on(new Pictures(pictures))
            .in(folder)
            .listener(Progress.study(System.out));
    // README: end
    return study;
  }

  static Hypothesis.Judgement judge(Study<PruneReport> study, Path folder) throws IOException {
    // README: judge
    Study.Results<PruneReport> results = study.run();
    Comparison comparison = Comparison.of(results.results(), "OMP");
    System.out.println(comparison.toText());
    Hypothesis gains =
        Hypothesis.of("VPNs is above OMP, and the prompt is why")
            .above("VPNs", "OMP", "0.95")
            .above("VPNs", "VPNs, equal cost, no prompt", "0.95");
    Hypothesis.Judgement judgement = gains.judge(comparison);
    System.out.println(judgement.verdict() + ": " + judgement.text());
    judgement.details().forEach(System.out::println);
    HtmlReport.write(folder.resolve("report.html"), "OMP and VPNs", comparison, results.results());
    // README: end
    return judgement;
  }
}
