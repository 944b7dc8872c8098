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
import org.vpns.ScoringContext;
import org.vpns.VisualPrompt;
import org.vpns.internal.learn.Learner;
import org.vpns.internal.learn.PlainLearner;
import org.vpns.internal.learn.ScoreLearner;
import org.vpns.internal.learn.WeightLearner;
import org.vpns.optim.UpdateRule;
import org.vpns.report.Accuracy;
import org.vpns.report.EpochRecord;

/** One stage of a run: learners, passes, epochs. */
final class StageRun {
  private final Run run;
  private final Stage stage;
  private final int index;
  private final Map<Target, Learner> learners = new EnumMap<>(Target.class);
  private final @Nullable ScoreLearner scoreLearner;
  private final @Nullable MaskMover mover;
  private final @Nullable Teacher teacher;
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
    MaskMover moving = null;
    for (Map.Entry<Target, Stage.Motion> motion : stage.motions().entrySet()) {
      Learner learner =
          switch (motion.getKey()) {
            case WEIGHTS -> {
              WeightLearner weights = weights(motion.getValue().rule());
              if (stage.mask() instanceof MovingMask mask) {
                MovingMask.Span span = new MovingMask.Span(iterations, perEpoch);
                moving = new MaskMover(run, index, mask, span, weights);
              }
              yield weights;
            }
            case PRUNABLE ->
                WeightLearner.prunable(run.weights, motion.getValue().rule(), run.workers);
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
                      mask.gradient(),
                      stage.motions().containsKey(Target.PRUNABLE),
                      run.workers);
              yield scores;
            }
          };
      learners.put(motion.getKey(), learner);
    }
    scoreLearner = scores;
    mover = moving;
    teacher = run.teacher(stage);
  }

  private WeightLearner weights(UpdateRule rule) {
    return stage.mask() instanceof MovingMask mask && mask.remembersRemoved()
        ? WeightLearner.holdingRemoved(run.weights, rule, run.workers)
        : new WeightLearner(run.weights, rule, run.workers);
  }

  /**
   * Begins a stage: its mask among the weights as they are, then the state it is rewound to, then
   * the label mapping if it waited for the first mask.
   */
  static StageRun begin(Run run, int index) {
    Stage stage = run.recipe.stages().get(index);
    Scores start = null;
    if (stage.mask() instanceof LearnedMask) {
      run.rewinds.restore(stage.rewind());
      LearnedMask learned = (LearnedMask) stage.mask();
      start =
          run.ledger.timeScoring(
              () -> {
                ScoringContext context = run.scoringContext(stage);
                Scores signed = learned.start().score(context);
                learned.begin(context, signed);
                return signed;
              });
      run.collapse.forget();
    } else {
      MaskSet masks =
          run.ledger.timeScoring(
              () -> stage.mask().begin(run.scoringContext(stage), run.weights.masks()));
      run.rewinds.restore(stage.rewind());
      run.weights.apply(masks);
      run.collapse.masked(RunWords.stage(stage), masks);
      if (!(stage.mask() instanceof MovingMask)) {
        run.collapse.settled(RunWords.stage(stage));
      }
    }
    if (stage.mask() instanceof MovingMask moving && !moving.remembersRemoved()) {
      run.weights.forget(run.weights.masks());
    }
    run.ledger.iteration = stage.rewind().steps();
    StageRun begun = new StageRun(run, index, start);
    run.effects.begin(stage);
    String warning = begun.mover == null ? null : begun.mover.warning();
    if (warning != null) {
      run.warn(warning);
    }
    run.beginMapping(stage);
    if (run.recipe.stages().beginsWithLastMask(index) && run.ledger.pruned == null && run.test != null) {
      run.ledger.pruned = run.evaluator.accuracy(run.test, run.mapping(), stage.usesPrompt());
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
      double scored = ledger.scoringSeconds;
      if (mover != null && mover.move(ledger.iteration, MovingMask.Moment.BEFORE_STEP)) {
        sparsity = currentSparsity();
      }
      boolean replaced =
          mover != null && mover.at(ledger.iteration) == MovingMask.Moment.INSTEAD_OF_UPDATE;
      float @Nullable [][] before = replaced ? null : run.effects.still(stage);
      for (int i = 0; i < stage.passes().size(); i++) {
        pass(i, streams.get(i), epoch);
      }
      run.effects.trained(stage, before);
      ledger.iteration++;
      if (index == 0) {
        run.rewinds.record(ledger.iteration);
      }
      ledger.seconds += (System.nanoTime() - begin) / 1e9 - (ledger.scoringSeconds - scored);
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
              !stage.freezesStatistics(),
              teacher);
    }
    if (!Double.isFinite(outcome.loss())) {
      throw Problem.state(
          "loss is not finite",
          "stage '" + stage.name() + "', iteration " + ledger.iteration,
          "a number",
          outcome.loss(),
          "lower the learning rate or check the images; the model is as it was before");
    }
    boolean changed =
        mover != null
            && pass.moves(Target.WEIGHTS)
            && mover.move(ledger.iteration, MovingMask.Moment.INSTEAD_OF_UPDATE);
    // Those that move come first: others of the same arrays drop the gradients.
    List<Learner> still = new ArrayList<>();
    for (Map.Entry<Target, Learner> entry : learners.entrySet()) {
      Stage.Motion motion = motion(entry.getKey());
      double rate = motion.rate().at(ledger.iteration, iterations, epoch, epochs);
      boolean moves = pass.moves(entry.getKey()) && !(changed && entry.getKey() == Target.WEIGHTS);
      if (moves) {
        entry.getValue().update(rate);
      } else if (entry.getKey() == Target.PROMPT && pass.isPromptIdle()) {
        entry.getValue().idle(rate);
      } else if (entry.getKey() != Target.PROMPT || pass.isPrompted()) {
        still.add(entry.getValue());
      }
    }
    still.forEach(Learner::dropGradients);
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

  private void endEpoch() {
    Ledger ledger = run.ledger;
    Double accuracy = null;
    if (run.validation != null) {
      int correct = run.evaluator.correct(run.validation, run.mapping(), stage.usesPrompt());
      accuracy = (double) correct / run.validation.size();
      boolean settled = mover == null || mover.isSettled(ledger.iteration);
      if (stage.keepsBest() && settled && correct > ledger.bestCorrect) {
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
    run.collapse.masked(RunWords.stage(stage), run.weights.masks());
    run.collapse.settled(RunWords.stage(stage));
    run.effects.end(stage);
    Accuracy accuracy =
        stage.isMeasured() && run.test != null
            ? run.evaluator.accuracy(run.test, run.mapping(), stage.usesPrompt())
            : null;
    run.listener.stageFinished(
        run.ledger.endStage(
            stage.name(),
            run.weights.masks().sparsity(),
            accuracy,
            mover == null ? null : mover.explored()));
  }

  void save(Checkpoint.Writer writer) {
    learners.forEach((target, learner) -> learner.visit(writer.visitor(target + "/")));
    if (mover != null) {
      mover.visit(writer.visitor("mover/"));
    }
    if (best != null) {
      best.save(writer);
    }
  }

  void load(Checkpoint.Reader reader) throws IOException {
    learners.forEach((target, learner) -> learner.visit(reader.visitor(target + "/")));
    if (mover != null) {
      mover.visit(reader.visitor("mover/"));
    }
    if (run.ledger.bestEpoch != null) {
      best = BestEpoch.load(reader, run, scoreLearner != null);
    }
  }
}
