package org.vpns.train;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.RandomAccessDataset;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.LabelAssignment;
import org.vpns.LabelMapping;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.PromptFactory;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.Seeds;
import org.vpns.VisualPrompt;
import org.vpns.image.ImagePlacement;
import org.vpns.internal.learn.EffectiveWeights;
import org.vpns.internal.learn.Workers;
import org.vpns.internal.network.FrozenNetwork;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.Values;
import org.vpns.predict.PrunedModel;
import org.vpns.report.PruneReport;

/** One execution of a recipe: everything that lives from its first stage to its last. */
final class Run {
  final Recipe recipe;
  final Splits splits;
  final RunListener listener;
  final Seeds seeds;
  final Network network;
  final EffectiveWeights weights;
  final Workers workers;
  final @Nullable VisualPrompt prompt;
  final GradientStep step;
  final Evaluator evaluator;
  final Batches train;
  final @Nullable Batches validation;
  final @Nullable Batches test;
  final int outputs;
  Ledger ledger = new Ledger();

  /** The scores of the last stage that learned some. */
  @Nullable Scores scores;

  final Rewinds rewinds;
  final CollapseCheck collapse = new CollapseCheck(this);
  final Effects effects = new Effects(this);

  private final NDManager promptManager;
  private final SharedStages shared;
  private final @Nullable Path folder;
  private final long checkpointEvery;
  private final Map<String, String> identity;

  /** The network before pruning, while a stage is taught by it. */
  private @Nullable FrozenNetwork dense;

  /** The caller closes network, workers and, if the run fails, the prompt's manager. */
  Run(Trainer trainer, Network network, Workers workers, NDManager promptManager, Splits splits) {
    recipe = trainer.recipe();
    listener = trainer.listener();
    folder = trainer.folder();
    checkpointEvery = trainer.checkpointEvery();
    this.splits = splits;
    seeds = new Seeds(recipe.seed());
    this.network = network;
    this.workers = workers;
    this.promptManager = promptManager;
    ImagePlacement placement = ImagePlacement.of(recipe.plainInput());
    PromptFactory factory = recipe.prompt();
    prompt =
        factory == null
            ? null
            : factory.create(promptManager, recipe.input(), seeds.stream("prompt-start"));
    step = new GradientStep(network, placement, prompt);
    evaluator = new Evaluator(step, network.manager());
    outputs = network.outputs(new Shape(2).addAll(inputShape()));
    requireGradients();
    weights = new EffectiveWeights(network);
    int batch = recipe.batchSize();
    int size = Math.toIntExact(splits.train().size());
    if (splits.validation() != null) {
      train = Batches.all(splits.train(), batch);
      validation = Batches.all(splits.validation(), batch);
    } else if (splits.validationFraction() > 0) {
      long[] order = seeds.permutation("validation", size);
      int held = (int) Math.max(1, Math.round(splits.validationFraction() * size));
      long[] heldOut = Arrays.copyOfRange(order, 0, held);
      long[] rest = Arrays.copyOfRange(order, held, size);
      Arrays.sort(heldOut);
      Arrays.sort(rest);
      requireLeft(size, held);
      validation = new Batches(splits.train(), heldOut, batch);
      train = new Batches(splits.train(), rest, batch);
    } else {
      train = Batches.all(splits.train(), batch);
      validation = null;
    }
    test = splits.test() == null ? null : Batches.all(splits.test(), batch);
    identity =
        ImmutableMap.<String, String>builder()
            .putAll(recipe.options())
            .put("classes", Integer.toString(splits.classes()))
            .put("training data", Fingerprints.of(splits.train(), network.manager()))
            .put("validation", identity(splits.validation(), validation))
            .put("test data", identity(splits.test(), test))
            .put("network", network.fingerprint().substring(0, 16))
            .buildOrThrow();
    rewinds = new Rewinds(this);
    shared = new SharedStages(trainer.sharedStages(), recipe, identity);
  }

  /** In evaluation mode the engine records no gradients through a TorchScript module. */
  private void requireGradients() {
    network.requireScriptGradients();
    for (Stage stage : recipe.stages()) {
      if (network.isScript() && stage.freezesStatistics()) {
        throw Problem.argument(
            "statistics of a TorchScript module cannot be frozen",
            "stage '" + stage.name() + "' of recipe " + recipe.name(),
            "a block of DJL, or a stage without freezeStatistics",
            "a module",
            "leave freezeStatistics out");
      }
    }
  }

  private void requireLeft(int size, int held) {
    if (held >= size) {
      throw Problem.argument(
          "no images left to train on",
          "Splits.validation(" + splits.validationFraction() + ")",
          "fewer than " + size + " images set aside",
          held,
          "take a smaller fraction or more images");
    }
  }

  Map<String, String> identity() {
    return identity;
  }

  /** Runs all stages; {@code resume} continues from the folder's checkpoint if there is one. */
  PrunedModel execute(boolean resume) throws IOException {
    collapse.requirePossible();
    try (FrozenNetwork teacher = recipe.stages().areTaught() ? FrozenNetwork.of(network) : null) {
      dense = teacher;
      return execute(begin(resume));
    }
  }

  /** Makes ready for the first stage or for the one under way, which is returned. */
  private @Nullable StageRun begin(boolean resume) throws IOException {
    if (folder != null && resume && Files.exists(folder.resolve(Checkpoint.FILE))) {
      return load(new Checkpoint.Reader(folder.resolve(Checkpoint.FILE), identity));
    }
    Checkpoint.Reader done = shared.read();
    if (done != null) {
      return load(done);
    }
    if (recipe.mapping().moment() == LabelMapping.Moment.DENSE) {
      assignMapping();
    }
    if (dense != null) {
      ledger.setTeacherMapping(mappingOnDense());
    }
    if (test != null) {
      ledger.dense = evaluator.accuracy(test, mappingOnDense(), false);
    }
    return null;
  }

  private PrunedModel execute(@Nullable StageRun first) throws IOException {
    listener.runStarted(recipe.toString(), iterations(), iterationsDone());
    ledger.warnings.forEach(listener::warned);
    StageRun stage = first;
    while (ledger.stage < recipe.stages().size()) {
      (stage != null ? stage : StageRun.begin(this, ledger.stage)).execute();
      stage = null;
      if (ledger.stage < recipe.stages().size()) {
        save(null);
        shared.keep(this::write, ledger);
      }
    }
    if (test != null) {
      ledger.tuned = evaluator.accuracy(test, mapping(), recipe.endsPrompted());
    }
    effects.endRun();
    PruneReport report = ReportWriter.write(this, identity);
    listener.runFinished(report);
    return new PrunedModel(
        network.model(),
        weights.masks(),
        recipe.endsPrompted() ? recipe.input() : recipe.plainInput(),
        recipe.endsPrompted() ? prompt : null,
        mapping(),
        splits.classNames(),
        recipe.filter(),
        report,
        scores,
        promptManager);
  }

  /**
   * A mapping that is made later, under the first mask, is made here for the dense network only.
   */
  LabelAssignment mappingOnDense() {
    return ledger.mapping != null ? mapping() : recipe.mapping().assign(mappingContext(false));
  }

  /** The network before pruning as a teacher, if the stage has one. */
  @Nullable Teacher teacher(Stage stage) {
    Distillation distillation = stage.distillation();
    LabelAssignment assignment = ledger.teacherMapping();
    return dense == null || distillation == null || assignment == null
        ? null
        : new Teacher(dense, assignment, distillation);
  }

  /** Makes the label mapping if the first mask is what it waited for, or the stage asks for it. */
  void beginMapping(Stage stage) {
    boolean dense = recipe.mapping().moment() == LabelMapping.Moment.DENSE;
    if (ledger.mapping == null || (stage.remapsLabels() && !dense)) {
      assignMapping();
    }
  }

  /** Makes the label mapping anew. */
  void assignMapping() {
    boolean prompted = recipe.stages().get(ledger.stage).usesPrompt();
    ledger.setMapping(recipe.mapping().assign(mappingContext(prompted)));
  }

  private LabelMapping.Context mappingContext(boolean prompted) {
    return LabelMapping.Context.of(
        outputs,
        splits.classes(),
        () -> evaluator.counts(train, outputs, splits.classes(), prompted),
        seeds.stream("label-mapping"));
  }

  LabelAssignment mapping() {
    LabelAssignment assignment = ledger.mapping();
    if (assignment == null) {
      throw new IllegalStateException("no label mapping yet");
    }
    return assignment;
  }

  private String identity(@Nullable RandomAccessDataset dataset, @Nullable Batches images) {
    if (images == null) {
      return "none";
    }
    return dataset == null
        ? images.size() + " images of the training data"
        : Fingerprints.of(dataset, network.manager());
  }

  /** What scorers may look at when a stage begins. */
  ScoringContext scoringContext(Stage stage) {
    boolean prompted = stage.scoresWithPrompt();
    return network
        .scoringContext(seeds)
        .input(inputShape())
        .mapping(() -> mappingForScoring(prompted))
        .images(set -> SetImages.of(this, set, mappingForScoring(prompted), prompted))
        .warnings(this::warn)
        .passes(ledger.scoring)
        .choices(
            choice -> {
              collapse.chosen(choice);
              effects.chosen(stage, choice);
            });
  }

  /** A mapping that waits for the first mask is made here for the scores only. */
  private LabelAssignment mappingForScoring(boolean prompted) {
    if (ledger.mapping != null) {
      return mapping();
    }
    long begin = System.nanoTime();
    LabelAssignment assignment = recipe.mapping().assign(mappingContext(prompted));
    ledger.scoringSeconds -= (System.nanoTime() - begin) / 1e9; // time of the mapping, not scoring
    return assignment;
  }

  long iterations() {
    return recipe.stages().iterations(train.perEpoch());
  }

  long iterationsDone() {
    return recipe.stages().iterationsBefore(ledger.stage, train.perEpoch()) + ledger.iteration;
  }

  void warn(String message) {
    ledger.warnings.add(message);
    listener.warned(message);
  }

  Shape inputShape() {
    return new Shape(recipe.input().channels(), recipe.input().height(), recipe.input().width());
  }

  /** Whether a checkpoint is due after the given iteration of a stage. */
  boolean isCheckpointDue(long iteration, boolean epochEnded) {
    return folder != null && (checkpointEvery > 0 ? iteration % checkpointEvery == 0 : epochEnded);
  }

  /** Writes a checkpoint; {@code stage} is the stage under way, null between two stages. */
  void save(@Nullable StageRun stage) throws IOException {
    if (folder == null) {
      return;
    }
    Checkpoint.Writer writer = new Checkpoint.Writer(identity, ledger);
    write(writer);
    if (stage != null) {
      stage.save(writer);
    }
    writer.write(folder, Checkpoint.FILE);
  }

  private void write(Checkpoint.Writer writer) {
    writer.network("network", network.snapshot());
    writer.visitor("weights/").flat("theta", network.layout(), weights.theta());
    writer.masks("mask/", weights.masks());
    if (prompt != null && prompt.parameterCount() > 0) {
      writer.floats("prompt", prompt.delta().getArray().toFloatArray());
    }
    if (scores != null) {
      writer.visitor("found/").flat("score", network.layout(), scores.values());
    }
    rewinds.save(writer);
  }

  /** The first stage's mask, nothing else. */
  MaskSet findMask() {
    if (recipe.mapping().moment() == LabelMapping.Moment.DENSE) {
      assignMapping();
    }
    Stage stage = recipe.stages().get(0);
    MaskSet masks = stage.mask().begin(scoringContext(stage), weights.masks());
    masks.requireFits(network.layout());
    collapse.masked(RunWords.stage(stage), masks);
    return masks;
  }

  private @Nullable StageRun load(Checkpoint.Reader reader) throws IOException {
    ledger = reader.ledger();
    Layout layout = network.layout();
    MaskSet masks = reader.masks("mask/", layout);
    if (reader.has("found/" + layout.path(0) + "/score")) {
      float[] found = new float[layout.size()];
      reader.visitor("found/").flat("score", layout, found);
      scores = Scores.of(layout, found);
    }
    rewinds.load(reader);
    StageRun stage = ledger.iteration == 0 ? null : StageRun.resume(this, ledger.stage);
    if (stage != null) {
      stage.load(reader);
    }
    reader.visitor("weights/").flat("theta", layout, weights.theta());
    weights.apply(masks);
    network.restore(reader.network("network"));
    if (prompt != null && prompt.parameterCount() > 0) {
      setPrompt(prompt, reader.floats("prompt", Math.toIntExact(prompt.parameterCount())));
    }
    return stage;
  }

  /** Writes a prompt's values in place. */
  static void setPrompt(VisualPrompt prompt, float[] values) {
    Values.set(prompt.delta().getArray(), values);
  }
}
