package com.example.study;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.vpns.ImageInput;
import org.vpns.ParameterFilter;
import org.vpns.Sparsity;
import org.vpns.image.Augmentation;
import org.vpns.report.PruneReport;
import org.vpns.study.Study.Arm;
import org.vpns.study.StudyListener;
import org.vpns.study.StudyRun;
import org.vpns.study.StudyTask;
import org.vpns.study.progress.Progress;
import org.vpns.train.Collapse;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Mount;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;

/** All methods of the study with two seeds, on pictures in folders. */
final class Methods implements StudyTask {
  private final Path pictures;
  private final Arms arms = new Arms(Length.iterations(3));

  Methods(Path pictures) {
    this.pictures = pictures;
  }

  @Override
  public String name() {
    return "crosses and discs";
  }

  @Override
  public Model network() {
    return Study.NETWORK.newModel("study", 1);
  }

  @Override
  public ImageSets images(long seed, NDManager manager) throws IOException {
    return Study.images(pictures, manager);
  }

  /** What is kept in the folder is not run again. */
  List<PruneReport> run(Path folder) throws IOException {
    StudyListener progress = Progress.study(System.out);
    return org.vpns.study.Study.of(all())
        .sparsities("0.5")
        .seeds(1, 2)
        .on(this)
        .in(folder)
        .listener(progress)
        .run()
        .results();
  }

  private List<Arm<PruneReport>> all() {
    List<Arm<PruneReport>> all = new ArrayList<>();
    arms.withoutPrompt()
        .forEach(
            (name, pruner) ->
                all.add(
                    (sparsity, seed) ->
                        StudyRun.of(recipe(pruner, sparsity, seed).name(name).build())));
    Mount mount = Mount.in(Mount.Place.TUNING);
    all.add(
        (sparsity, seed) ->
            StudyRun.of(recipe(arms.vpns(), sparsity, seed).prompt(Arms.frame()).build()));
    all.add(
        (sparsity, seed) ->
            StudyRun.of(
                recipe(arms.magnitude(), sparsity, seed)
                    .prompt(Arms.moving())
                    .mount(mount)
                    .build()));
    return all;
  }

  private static Recipe.Builder recipe(Pruner pruner, Sparsity sparsity, long seed) {
    Augmentation augmentation = Augmentation.flip().andThen(Augmentation.shift(1));
    ParameterFilter filter = ParameterFilter.weights().except("conv1\\..*");
    return Recipe.of(pruner, sparsity)
        .input(ImageInput.of(3, Study.SIDE, Study.SIDE))
        .mapping(Arms.mapping())
        .augmentation(augmentation)
        .prunable(filter)
        .onCollapse(Collapse.WARN)
        .batchSize(16)
        .seed(seed);
  }
}
