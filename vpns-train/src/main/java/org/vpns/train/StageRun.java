package org.vpns.train;

import ai.djl.ndarray.NDArray;
import ai.djl.training.dataset.Batch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.Seeds;
import org.vpns.image.Augmentation;
import org.vpns.internal.learn.MaskLearner;
import org.vpns.internal.network.ValueCheck;
import org.vpns.internal.run.Batches;
import org.vpns.internal.run.CheckpointFile;
import org.vpns.internal.run.GradientStep;
import org.vpns.internal.run.LiveState;
import org.vpns.internal.run.Snapshot;
import org.vpns.internal.run.Teacher;
import org.vpns.report.Accuracy;
import org.vpns.report.EpochRecord;

/** One stage of a run: epochs, iterations, passes. */
final class StageRun {
  private final Setting setting;
  private final Stage stage;
  private final int index;
  private final Learners learners;
  private final @Nullable MaskMover mover;
  private final @Nullable Teacher teacher;
  private final @Nullable Regularisation regularisation;
  private final RunMapping mapping;
  private final Rewinds rewinds;
  private final CollapseCheck collapse;
  private final IdleCheck idle;
  private final Ledger ledger;
  private final LiveState live;
  private final Batches images;
  private final long perEpoch;
  private final long epochsBefore;
  private final long iterations;
  private double sparsity;
  private @Nullable Snapshot best;

  /**
   * A stage whose first mask is applied, or whose state is about to be loaded.
   *
   * @param index of the stage
   * @param learners of what moves in it
   * @param mover of its mask, if that moves
   * @param teacher if it has one
   * @param regularisation if it has one
   */
  StageRun(
      Setting setting,
      int index,
      Learners learners,
      @Nullable MaskMover mover,
      @Nullable Teacher teacher,
      @Nullable Regularisation regularisation,
      RunMapping mapping,
      Rewinds rewinds,
      CollapseCheck collapse,
      IdleCheck idle,
      Ledger ledger) {
    this.setting = setting;
    this.index = index;
    this.learners = learners;
    this.mover = mover;
    this.teacher = teacher;
    this.regularisation = regularisation;
    this.mapping = mapping;
    this.rewinds = rewinds;
    this.collapse = collapse;
    this.idle = idle;
    this.ledger = ledger;
    stage = setting.stages().get(index);
    live = setting.live();
    images = setting.images().train();
    perEpoch = images.perEpoch();
    epochsBefore = setting.stages().epochsBefore(index, perEpoch);
    iterations = stage.length().iterationsOf(perEpoch);
  }

  /**
   * Runs to the end of the stage and hands over the mask.
   *
   * @param state writes what is not the stage's into its checkpoints
   */
  void execute(Checkpoints.Kept checkpoints, Consumer<CheckpointFile.Writer> state)
      throws IOException {
    setting
        .listener()
        .stageStarted(
            new RunListener.StageStart(stage.name(), index, setting.stages().size(), iterations));
    live.network().train(learners.trained());
    sparsity = live.masks().sparsity();
    List<Iterator<Batch>> streams = List.of();
    while (ledger.iteration < iterations && !endsEarly()) {
      long position = ledger.iteration % perEpoch;
      int epoch = Math.toIntExact(ledger.iteration / perEpoch);
      if (position == 0 && epoch > 0) {
        mapping.beginEpoch(stage, epochsBefore + epoch);
      }
      if (position == 0 || streams.isEmpty()) {
        streams = open(epoch, position);
      }
      iteration(streams, epoch);
      noteStop();
      boolean epochEnded = position == perEpoch - 1 || ledger.iteration == iterations;
      if (epochEnded) {
        endEpoch();
      }
      if (ledger.iteration < iterations && checkpoints.isDue(ledger.iteration, epochEnded)) {
        noteMasks();
        checkpoints.save(
            ledger,
            writer -> {
              state.accept(writer);
              save(writer);
            });
      }
    }
    if (ledger.epochSteps > 0) {
      endEpoch(); // stopped within it
    }
    finish();
  }

  private void noteStop() {
    if (ledger.stopped == null && setting.listener().isStopRequested()) {
      ledger.stopped = stage.inWords() + " after step " + ledger.iteration + " of " + iterations;
    }
  }

  /**
   * Whether the steps that are left are left out: nothing has got better for long, or a listener
   * wants no more. Not before the mask is what was asked for and later stages have what they need.
   */
  private boolean endsEarly() {
    boolean needed =
        mover != null && !mover.isSettled(ledger.iteration)
            || index == 0 && rewinds.awaitMore(ledger.iteration);
    return !needed && (ledger.stopped != null || hasLostPatience());
  }

  private boolean hasLostPatience() {
    Integer bestSoFar = ledger.bestEpoch;
    return stage.patience() > 0
        && bestSoFar != null
        && ledger.epochs.size() - 1 - bestSoFar >= stage.patience();
  }

  /** What the reader of the report should know from the start, if anything. */
  Optional<String> warning() {
    return Optional.ofNullable(mover == null ? null : mover.warning());
  }

  private void iteration(List<Iterator<Batch>> streams, int epoch) {
    long begin = System.nanoTime();
    double scored = ledger.scoringSeconds;
    move(MovingMask.Moment.BEFORE_STEP);
    boolean replaced = isMoment(MovingMask.Moment.INSTEAD_OF_UPDATE);
    float @Nullable [][] before = replaced ? null : idle.still();
    for (int i = 0; i < stage.passes().size(); i++) {
      pass(i, streams.get(i), epoch);
    }
    idle.trained(before);
    ledger.iteration++;
    if (index == 0) {
      rewinds.record(ledger.iteration);
    }
    ledger.seconds += (System.nanoTime() - begin) / 1e9 - (ledger.scoringSeconds - scored);
  }

  private boolean isMoment(MovingMask.Moment moment) {
    return mover != null && mover.at(ledger.iteration) == moment;
  }

  /** Moves the mask if this is its moment. */
  private boolean move(MovingMask.Moment moment) {
    MaskMover moving = mover;
    if (moving == null || moving.at(ledger.iteration) != moment) {
      return false;
    }
    MaskSet before = live.masks();
    MaskSet after = ledger.timeScoring(() -> moving.move(ledger.iteration));
    idle.moved(before, after);
    String when = stage.inWords() + ", step " + ledger.iteration + ",";
    collapse.masked(when, after);
    if (moving.isLast(ledger.iteration)) {
      settled(when);
    }
    sparsity = after.sparsity();
    return true;
  }

  /** The mask stays from here on. */
  private void settled(String when) {
    collapse.settled(when, live.masks(), setting.stages().hasLastMask(index));
  }

  /** The images that an augmentation gives, as many as before. */
  private NDArray changed(Augmentation augmentation, NDArray shown, RandomGenerator random) {
    NDArray changed =
        Problem.given(
            augmentation.apply(shown, random),
            stage.inWords() + ", " + augmentation.describe(),
            "what Augmentation.apply gives");
    if (changed.getShape().dimension() == 0 || changed.size(0) != shown.size(0)) {
      throw Problem.state(
          "augmentation gives other images",
          stage.inWords() + ", " + augmentation.describe(),
          "one for each of " + shown.getShape(),
          changed.getShape(),
          "let it change images and leave their number and order");
    }
    return changed;
  }

  private List<Iterator<Batch>> open(int epoch, long skip) {
    List<Iterator<Batch>> streams = new ArrayList<>();
    for (Pass pass : stage.passes()) {
      String stream = index + "/" + pass.stream();
      long[] order =
          Problem.given(
              pass.order().of(epoch, images.size(), setting.seeds(), stream),
              stage.inWords() + ", pass " + pass,
              "what DataOrder.of gives");
      requirePositions(pass, order, images.size());
      Batches shown = pass.isAugmented() ? images.inEpoch(setting.seeds(), stream, epoch) : images;
      streams.add(shown.ordered(live.network().manager(), order, skip));
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
    String moment = index + "/" + ledger.iteration + "/" + number;
    Seeds seeds = setting.seeds();
    live.network().manager().getEngine().setRandomSeed((int) seeds.bits("engine/" + moment));
    GradientStep.Outcome outcome;
    try (Batch batch = batches.next()) {
      if (pass.isPrompted()) {
        live.requirePrompt()
            .draw(
                seeds.stream("prompt-offset/" + moment),
                Math.toIntExact(batch.getData().head().getShape().get(0)));
      }
      RandomGenerator random = seeds.stream("augmentation/" + moment);
      Augmentation augmentation = setting.recipe().augmentation();
      outcome =
          setting
              .step()
              .backward(
                  batch,
                  mapping.now(),
                  shown -> pass.isAugmented() ? changed(augmentation, shown, random) : shown,
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
    idle.differentiated();
    boolean changed = pass.moves(Target.WEIGHTS) && move(MovingMask.Moment.INSTEAD_OF_UPDATE);
    if (regularisation != null) {
      regularisation.add(pass, changed);
    }
    int epochs = stage.length().epochsOf(perEpoch);
    learners.update(
        pass, changed, motion -> motion.rate().at(ledger.iteration, iterations, epoch, epochs));
    ledger.step(outcome);
    setting
        .listener()
        .stepFinished(
            new RunListener.Step(
                stage.name(),
                setting.iterationsDone(ledger) + 1,
                setting.iterations(),
                outcome.loss(),
                (double) outcome.correct() / outcome.images(),
                sparsity,
                outcome.images()));
  }

  private void endEpoch() {
    if (regularisation != null) {
      regularisation.epochEnded();
    }
    Double accuracy = null;
    Batches validation = setting.images().validation();
    if (validation != null) {
      int correct = setting.evaluator().correct(validation, mapping.now(), stage.usesPrompt());
      accuracy = (double) correct / validation.size();
      boolean settled = mover == null || mover.isSettled(ledger.iteration);
      if (stage.keepsBest() && settled && correct > ledger.bestCorrect) {
        ledger.bestCorrect = correct;
        ledger.bestEpoch = ledger.epochs.size();
        MaskLearner scores = learners.scores();
        best =
            scores == null
                ? Snapshot.of(live, live.masks(), null)
                : Snapshot.of(live, scores.masks(), scores.scores());
      }
    }
    EpochRecord record = ledger.endEpoch(accuracy);
    setting.listener().epochFinished(stage.name(), record);
  }

  /** Applies the mask that the present scores select. */
  private void noteMasks() {
    MaskLearner scores = learners.scores();
    if (scores != null) {
      live.weights().apply(scores.masks());
    }
  }

  private void finish() {
    MaskLearner scores = learners.scores();
    if (best != null) {
      best.restore(live);
    } else if (scores != null) {
      noteMasks();
      live.setScores(scores.scores());
    }
    MaskSet reached = live.masks();
    if (scores != null) {
      live.weights().apply(scores.settled(reached));
    }
    requireSoundValues();
    collapse.masked(stage.inWords(), live.masks());
    settled(stage.inWords());
    if (ledger.stopped == null) {
      idle.end(reached, mover != null);
    }
    Batches test = setting.images().test();
    Accuracy accuracy =
        stage.isMeasured() && test != null
            ? setting.evaluator().accuracy(test, mapping.now(), stage.usesPrompt())
            : null;
    setting
        .listener()
        .stageFinished(
            ledger.endStage(
                stage.name(),
                live.masks().sparsity(),
                accuracy,
                mover == null ? null : mover.explored()));
  }

  /** Updates are looked at one by one; statistics move in forward passes. */
  private void requireSoundValues() {
    ValueCheck bad = ValueCheck.of(live.network());
    if (bad != null) {
      throw Problem.state(
          bad.what(),
          bad.where() + " after stage '" + stage.name() + "'",
          bad.expected(),
          bad.found(),
          "lower the learning rate or check the images; the model is as it was before");
    }
  }

  private void save(CheckpointFile.Writer writer) {
    learners.visit(writer::visitor);
    if (mover != null) {
      mover.visit(writer.visitor("mover/"));
    }
    if (regularisation != null) {
      regularisation.visit(writer.visitor("regulariser/"));
    }
    if (best != null) {
      best.write(writer, Snapshot.Names.BEST, live.layout());
    }
  }

  /** Loads what its checkpoint wrote. */
  void load(CheckpointFile.Reader reader) throws IOException {
    learners.visit(reader::visitor);
    if (mover != null) {
      mover.visit(reader.visitor("mover/"));
    }
    if (regularisation != null) {
      regularisation.visit(reader.visitor("regulariser/"));
    }
    if (ledger.bestEpoch != null) {
      best = Snapshot.read(reader, Snapshot.Names.BEST, live);
    }
  }
}
