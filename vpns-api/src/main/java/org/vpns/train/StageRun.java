package org.vpns.train;

import ai.djl.ndarray.NDArray;
import ai.djl.training.dataset.Batch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.Scores;
import org.vpns.VisualPrompt;
import org.vpns.learn.Learner;
import org.vpns.learn.PlainLearner;
import org.vpns.learn.ScoreLearner;
import org.vpns.learn.WeightLearner;
import org.vpns.report.EpochRecord;
import org.vpns.report.RunListener;

/** One stage of a run: learners, passes, epochs. */
final class StageRun {
  private final Run run;
  private final Stage stage;
  private final int index;
  private final Map<Target, Learner> learners = new EnumMap<>(Target.class);
  private final @Nullable ScoreLearner scoreLearner;
  private final long perEpoch;
  private final long iterations;
  private final int epochs;
  private double sparsity;
  private @Nullable BestEpoch best;

  private StageRun(Run run, int index, @Nullable Scores start) {
    this.run = run;
    this.index = index;
    stage = run.recipe.stages().get(index);
    perEpoch = run.train.perEpoch();
    iterations = stage.length().iterationsOf(perEpoch);
    epochs = stage.length().epochsOf(perEpoch);
    ScoreLearner scores = null;
    for (Map.Entry<Target, Stage.Motion> motion : stage.motions().entrySet()) {
      Learner learner =
          switch (motion.getKey()) {
            case WEIGHTS -> new WeightLearner(run.weights, motion.getValue().rule(), run.workers);
            case OTHERS -> PlainLearner.others(run.network, motion.getValue().rule());
            case PROMPT -> PlainLearner.prompt(prompt(), motion.getValue().rule());
            case SCORES -> {
              LearnedMask mask = (LearnedMask) stage.mask();
              scores =
                  new ScoreLearner(
                      run.weights,
                      start == null ? zeros(run.network.layout()) : start,
                      mask.allocation(),
                      mask.sparsity(),
                      motion.getValue().rule(),
                      run.workers);
              yield scores;
            }
          };
      learners.put(motion.getKey(), learner);
    }
    scoreLearner = scores;
  }

  /** Begins a stage: its mask, then the label mapping if it waited for the first mask. */
  static StageRun begin(Run run, int index) {
    Stage stage = run.recipe.stages().get(index);
    Scores start = null;
    if (stage.mask() instanceof LearnedMask) {
      start = ((LearnedMask) stage.mask()).start().score(run.scoringContext(stage));
    } else {
      MaskSet masks = stage.mask().begin(run.scoringContext(stage), run.weights.masks());
      run.weights.apply(masks);
    }
    StageRun begun = new StageRun(run, index, start);
    run.beginMapping();
    if (stage.motions().containsKey(Target.WEIGHTS)
        && run.ledger.pruned == null
        && run.test != null) {
      run.ledger.pruned = run.evaluator.accuracy(run.test, run.mapping(), run.prompt != null);
    }
    return begun;
  }

  /** A stage whose state is about to be loaded. */
  static StageRun resume(Run run, int index) {
    return new StageRun(run, index, null);
  }

  private static Scores zeros(Layout layout) {
    return Scores.of(layout, new float[layout.size()]);
  }

  private VisualPrompt prompt() {
    if (run.prompt == null) {
      throw new IllegalStateException("no prompt");
    }
    return run.prompt;
  }

  /** Runs to the end of the stage and hands over the mask. */
  void execute() throws IOException {
    Ledger ledger = run.ledger;
    run.listener.stageStarted(
        new RunListener.StageStart(stage.name(), index, run.recipe.stages().size(), iterations));
    List<NDArray> trained = new ArrayList<>();
    learners.values().forEach(learner -> trained.addAll(learner.trained()));
    run.network.train(trained);
    sparsity = currentSparsity();
    List<Iterator<Batch>> streams = List.of();
    while (ledger.iteration < iterations) {
      long position = ledger.iteration % perEpoch;
      int epoch = Math.toIntExact(ledger.iteration / perEpoch);
      if (position == 0) {
        refreshMapping(epoch);
      }
      if (position == 0 || streams.isEmpty()) {
        streams = open(epoch, position);
      }
      long begin = System.nanoTime();
      for (int i = 0; i < stage.passes().size(); i++) {
        pass(i, streams.get(i), epoch);
      }
      ledger.iteration++;
      ledger.seconds += (System.nanoTime() - begin) / 1e9;
      boolean epochEnded = position == perEpoch - 1 || ledger.iteration == iterations;
      if (epochEnded) {
        endEpoch();
      }
      if (ledger.iteration < iterations && run.isCheckpointDue(ledger.iteration, epochEnded)) {
        noteMasks();
        run.save(this);
      }
    }
    finish();
  }

  private double currentSparsity() {
    MaskSet masks = scoreLearner == null ? run.weights.masks() : scoreLearner.masks();
    return masks.sparsity();
  }

  private void refreshMapping(int epoch) {
    int interval = run.recipe.mapping().refreshEpochs();
    if (interval > 0 && epoch > 0 && epoch % interval == 0) {
      run.assignMapping();
    }
  }

  private List<Iterator<Batch>> open(int epoch, long skip) {
    List<Iterator<Batch>> streams = new ArrayList<>();
    for (Pass pass : stage.passes()) {
      long[] order =
          pass.order().of(epoch, run.train.size(), run.seeds, index + "/" + pass.stream());
      requirePositions(pass, order, run.train.size());
      streams.add(run.train.ordered(run.network.manager(), order, skip));
    }
    return streams;
  }

  private void requirePositions(Pass pass, long[] order, int size) {
    boolean inside = Arrays.stream(order).allMatch(i -> i >= 0 && i < size);
    if (order.length != size || !inside) {
      throw Problem.state(
          "order of images does not fit",
          "stage '" + stage.name() + "', pass " + pass,
          size + " positions from 0 to " + (size - 1),
          order.length + (inside ? " positions" : " positions, some outside"),
          "name as many positions as there are training images");
    }
  }

  private void pass(int number, Iterator<Batch> batches, int epoch) {
    Pass pass = stage.passes().get(number);
    Ledger ledger = run.ledger;
    String moment = index + "/" + ledger.iteration + "/" + number;
    run.network.manager().getEngine().setRandomSeed((int) run.seeds.bits("engine/" + moment));
    GradientStep.Outcome outcome;
    try (Batch batch = batches.next()) {
      if (pass.isPrompted()) {
        prompt()
            .draw(
                run.seeds.stream("prompt-offset/" + moment),
                Math.toIntExact(batch.getData().head().getShape().get(0)));
      }
      RandomGenerator random = run.seeds.stream("augmentation/" + moment);
      outcome =
          run.step.backward(
              batch,
              run.mapping(),
              images ->
                  pass.isAugmented() ? run.recipe.augmentation().apply(images, random) : images,
              pass.isPrompted(),
              !stage.freezesStatistics());
    }
    if (!Double.isFinite(outcome.loss())) {
      throw Problem.state(
          "loss is not finite",
          "stage '" + stage.name() + "', iteration " + ledger.iteration,
          "a number",
          outcome.loss(),
          "lower the learning rate or check the images; the model is as it was before");
    }
    for (Map.Entry<Target, Learner> entry : learners.entrySet()) {
      Stage.Motion motion = motion(entry.getKey());
      double rate = motion.rate().at(ledger.iteration, iterations, epoch, epochs);
      move(pass, entry.getKey(), entry.getValue(), rate);
    }
    ledger.step(outcome);
    run.listener.stepFinished(
        new RunListener.Step(
            stage.name(),
            run.iterationsDone() + 1,
            run.iterations(),
            outcome.loss(),
            (double) outcome.correct() / outcome.images(),
            sparsity,
            outcome.images()));
  }

  private Stage.Motion motion(Target target) {
    Stage.Motion motion = stage.motions().get(target);
    if (motion == null) {
      throw new IllegalStateException(target + " is not trained");
    }
    return motion;
  }

  private static void move(Pass pass, Target target, Learner learner, double rate) {
    if (pass.moves(target)) {
      learner.update(rate);
    } else if (target == Target.PROMPT && pass.isPromptIdle()) {
      learner.idle(rate);
    } else if (target != Target.PROMPT || pass.isPrompted()) {
      learner.dropGradients();
    }
  }

  private void endEpoch() {
    Ledger ledger = run.ledger;
    Double accuracy = null;
    if (run.validation != null) {
      int correct = run.evaluator.correct(run.validation, run.mapping(), run.prompt != null);
      accuracy = (double) correct / run.validation.size();
      if (stage.keepsBest() && correct > ledger.bestCorrect) {
        ledger.bestCorrect = correct;
        ledger.bestEpoch = ledger.epochs.size();
        best =
            BestEpoch.of(
                run,
                scoreLearner == null ? run.weights.masks() : scoreLearner.masks(),
                scoreLearner == null ? null : scoreLearner.scores());
      }
    }
    EpochRecord record = ledger.endEpoch(accuracy);
    run.listener.epochFinished(stage.name(), record);
  }

  private void noteMasks() {
    if (scoreLearner != null) {
      run.weights.apply(scoreLearner.masks());
    }
  }

  private void finish() {
    noteMasks();
    if (scoreLearner != null) {
      run.scores = best == null ? scoreLearner.scores() : best.scores();
    }
    if (best != null) {
      best.restore(run);
    }
    run.ledger.endStage(stage.name());
  }

  void save(Checkpoint.Writer writer) {
    learners.forEach((target, learner) -> learner.visit(writer.visitor(target + "/")));
    if (best != null) {
      best.save(writer);
    }
  }

  void load(Checkpoint.Reader reader) throws IOException {
    learners.forEach((target, learner) -> learner.visit(reader.visitor(target + "/")));
    if (run.ledger.bestEpoch != null) {
      best = BestEpoch.load(reader, run, scoreLearner != null);
    }
  }
}
