package org.vpns.examples;

import ai.djl.Model;
import java.io.IOException;
import java.util.List;
import org.vpns.ImageInput;
import org.vpns.LabelMapping;
import org.vpns.PromptFactory;
import org.vpns.examples.data.ImageTable;
import org.vpns.mapping.Mappings;
import org.vpns.optim.LearningRate;
import org.vpns.prompt.Prompts;

/** A CIFAR-10 network pruned for other colour images of at most ten classes, such as flowers. */
final class FlowersTask implements ComparisonTask {
  static final String NAME = "flowers";

  private static final LearningRate SCORES = LearningRate.cosine(1e-3);
  private static final LearningRate WEIGHTS = LearningRate.cosine(0.05);
  private static final LearningRate PROMPT = LearningRate.cosine(3e-3);

  private final ResNet20Files files;

  private FlowersTask(ResNet20Files files) {
    this.files = files;
  }

  static ComparisonTask open(TaskFiles files) throws IOException {
    return new FlowersTask(ResNet20Files.open(NAME, files));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Model network() throws IOException {
    return files.network();
  }

  @Override
  public ImageTable.Split images(long seed) {
    return files.images();
  }

  @Override
  public ImageInput input() {
    return ResNet20Files.input();
  }

  @Override
  public LabelMapping mapping() {
    return Mappings.frequency().onDense();
  }

  @Override
  public PromptFactory prompt() {
    return Prompts.pad(2);
  }

  @Override
  public int batchSize() {
    return 64;
  }

  @Override
  public long steps() {
    return 120;
  }

  /** Those of {@link CifarTask}. */
  @Override
  public MethodRates rates() {
    return new MethodRates(
        SCORES,
        WEIGHTS,
        PROMPT,
        10,
        5,
        new MethodRates.Bip(SCORES, LearningRate.cosine(0.01), 1, 0.5));
  }

  @Override
  public List<String> remarks() {
    return List.of(ResNet20Files.SEEDS, "Rates are those of task cifar, chosen on other images.");
  }
}
