package org.vpns.train;

import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.vpns.LabelAssignment;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.internal.learn.WeightLearner;
import org.vpns.internal.network.Choice;
import org.vpns.internal.network.FrozenNetwork;
import org.vpns.internal.run.Batches;
import org.vpns.internal.run.CheckpointFile;
import org.vpns.internal.run.LiveState;
import org.vpns.internal.run.ScoringPool;
import org.vpns.internal.run.Snapshot;
import org.vpns.internal.run.Teacher;
import org.vpns.predict.PrunedModel;
import org.vpns.report.Accuracy;
import org.vpns.report.PruneReport;

/** One execution of a recipe: one stage after the other. */
final class Run {
  private final Setting setting;
  private final @Nullable FrozenNetwork dense;
  private final Ledger ledger;
  private final LiveState live;
  private final RunMapping mapping;
  private final Scoring scoring;
  private final Rewinds rewinds;
  private final CollapseCheck collapse;

  /**
   * A run whose network is as it was given.
   *
   * @param dense a copy of that, if it teaches
   * @param ledger where the run stands
   * @throws IllegalArgumentException if a stage is to be rewound to a state that there will not be
   */
  private Run(Setting setting, @Nullable FrozenNetwork dense, Ledger ledger) {
    this.setting = setting;
    this.dense = dense;
    this.ledger = ledger;
    live = setting.live();
    RunImages images = setting.images();
    mapping =
        new RunMapping(
            setting.recipe().mapping(),
            setting.outputs(),
            images,
            setting.evaluator(),
            setting.seeds(),
            ledger);
    setting.step().tell(this::warnOfImages);
    ScoringPool pool =
        new ScoringPool(
            images.train(),
            images.splits().classNames(),
            setting.step(),
            setting.network().manager(),
            setting.seeds(),
            this::warn,
            setting.observer());
    scoring =
        new Scoring(
            setting.network(),
            setting.inputShape(),
            setting.seeds(),
            pool,
            mapping,
            ledger,
            this::warn);
    rewinds = new Rewinds(setting.stages(), live, setting.seeds(), images.train().perEpoch());
    collapse =
        new CollapseCheck(
            setting.recipe(), setting.network(), setting.inputShape(), ledger.collapse, this::warn);
  }

  /** A run that has yet to begin. */
  static Run of(Setting setting) {
    return new Run(setting, null, new Ledger());
  }

  /**
   * Runs all stages.
   *
   * @param resume whether to go on from the run's own checkpoint, if there is one
   * @param trusted whether that one may hold a TorchScript module
   */
  static PrunedModel execute(
      Setting setting, Checkpoints.Kept checkpoints, boolean resume, boolean trusted)
      throws IOException {
    CollapseCheck.requirePossible(setting.recipe(), setting.network(), setting.inputShape());
    boolean taught = setting.stages().areTaught();
    try (FrozenNetwork dense = taught ? FrozenNetwork.of(setting.network()) : null) {
      CheckpointFile.Reader reader = checkpoints.furthest(resume, trusted);
      Ledger ledger = reader == null ? new Ledger() : ledger(setting, reader);
      Run run = new Run(setting, dense, ledger);
      run.tell();
      if (reader == null) {
        run.begin();
        return run.execute(checkpoints, null);
      }
      return run.execute(checkpoints, run.load(reader));
    }
  }

  private static Ledger ledger(Setting setting, CheckpointFile.Reader reader) throws IOException {
    return reader.ledger(text -> Ledger.ofJson(text, setting.stages().size()));
  }

  private void warn(String message) {
    ledger.warnings.add(message);
    setting.listener().warned(message);
  }

  /** A resumed run looks at images that it has spoken of before. */
  private void warnOfImages(String message) {
    String about = message.substring(0, message.indexOf(','));
    if (ledger.warnings.stream().noneMatch(told -> told.startsWith(about))) {
      warn(message);
    }
  }

  /** That it begins or goes on, and what was warned of before it was cut. */
  private void tell() {
    RunListener listener = setting.listener();
    listener.runStarted(
        setting.recipe().toString(), setting.iterations(), setting.iterationsDone(ledger));
    ledger.warnings.forEach(listener::warned);
  }

  /** What is decided and counted on the dense network. */
  private void begin() {
    StartWarnings.of(setting).forEach(this::warn);
    mapping.beginRun(setting.stages().get(0));
    if (dense != null) {
      mapping.keepForTeacher();
    }
    ledger.dense = accuracy();
  }

  private PrunedModel execute(Checkpoints.Kept checkpoints, @Nullable StageRun underWay)
      throws IOException {
    Recipe recipe = setting.recipe();
    RunListener listener = setting.listener();
    StageRun stage = underWay;
    while (ledger.stage < setting.stages().size()) {
      int index = ledger.stage;
      (stage != null ? stage : begin(index)).execute(checkpoints, this::save);
      stage = null;
      if (setting.stages().get(index).movingMask() != null) {
        checkSparsity(index);
      }
      if (ledger.stage < setting.stages().size() && ledger.stopped == null) {
        checkpoints.saveBetweenStages(ledger, this::save);
      }
    }
    boolean prompted = recipe.endsPrompted();
    Batches test = setting.images().test();
    if (test != null) {
      ledger.tuned = setting.evaluator().hits(test, mapping.now(), prompted);
    }
    if (ledger.stopped == null) {
      IdleCheck.endRun(recipe, live.masks(), this::warn);
    } else {
      warn("stopped by a listener in " + ledger.stopped + ", and ends with what it had reached");
    }
    PruneReport report = ReportWriter.write(setting, ledger, mapping.now());
    listener.runFinished(report);
    return new PrunedModel(
        setting.network().model(),
        live.masks(),
        prompted ? recipe.input() : recipe.plainInput(),
        prompted ? live.prompt() : null,
        mapping.now(),
        setting.images().splits().classNames(),
        recipe.filter(),
        report,
        live.scores(),
        setting.promptManager());
  }

  private StageRun begin(int index) {
    Stage stage = setting.stages().get(index);
    IdleCheck idle = idle(stage);
    boolean last = setting.stages().hasLastMask(index);
    LearnedMask.Learning learning =
        new StageStart(live, scoring, rewinds, collapse, ledger).begin(stage, last, choices(idle));
    if (stage.movingMask() == null) {
      checkSparsity(index);
    }
    StageRun begun = stage(index, learning, idle);
    idle.begin();
    begun.warning().ifPresent(this::warn);
    long perEpoch = setting.images().train().perEpoch();
    mapping.beginStage(stage, setting.stages().epochsBefore(index, perEpoch));
    Batches test = setting.images().test();
    boolean tunes = setting.stages().beginsWithLastMask(index);
    if (tunes && ledger.pruned == null && test != null) {
      ledger.pruned = setting.evaluator().accuracy(test, mapping.now(), stage.usesPrompt());
    }
    return begun;
  }

  private void checkSparsity(int index) {
    if (setting.stages().hasLastMask(index)) {
      new SparsityCheck(setting.recipe(), this::warn)
          .made(setting.stages().get(index), live.masks());
    }
  }

  private IdleCheck idle(Stage stage) {
    return new IdleCheck(stage, live, ledger.idle, this::warn);
  }

  private Consumer<Choice> choices(IdleCheck idle) {
    return choice -> {
      collapse.chosen(choice);
      idle.chosen(choice);
      if (!choice.moment().isEmpty()) {
        setting.observer().advanced("scores, " + choice.moment(), 0, 0);
      }
    };
  }

  private StageRun stage(int index, LearnedMask.@Nullable Learning learning, IdleCheck idle) {
    Stage stage = setting.stages().get(index);
    Learners learners = new Learners(stage, live, setting.team(), learning);
    return new StageRun(
        setting,
        index,
        learners,
        mover(index, learners.weights(), idle),
        teacher(stage),
        Regularisation.of(stage, live.network(), setting.inputShape()),
        mapping,
        rewinds,
        collapse,
        idle,
        ledger);
  }

  private @Nullable MaskMover mover(int index, @Nullable WeightLearner weights, IdleCheck idle) {
    Stage stage = setting.stages().get(index);
    MovingMask mask = stage.movingMask();
    if (mask == null || weights == null) {
      return null;
    }
    long perEpoch = setting.images().train().perEpoch();
    return new MaskMover(
        mask,
        new MovingMask.Span(stage.length().iterationsOf(perEpoch), perEpoch),
        weights,
        live,
        () -> scoring.context(stage, choices(idle)),
        setting.seeds(),
        "mask/" + index);
  }

  private @Nullable Teacher teacher(Stage stage) {
    Distillation distillation = stage.distillation();
    LabelAssignment assignment = mapping.ofTeacher();
    return dense == null || distillation == null || assignment == null
        ? null
        : distillation.teacher(dense, assignment);
  }

  private void save(CheckpointFile.Writer writer) {
    Snapshot.of(live).write(writer, Snapshot.Names.PRESENT, live.layout());
    rewinds.save(writer);
  }

  /** Loads a checkpoint; gives the stage that it was written in, null if between two. */
  private @Nullable StageRun load(CheckpointFile.Reader reader) throws IOException {
    rewinds.load(reader);
    StageRun stage = null;
    if (ledger.iteration > 0) {
      Stage underWay = setting.stages().get(ledger.stage);
      LearnedMask mask = underWay.learnedMask();
      stage =
          stage(
              ledger.stage,
              mask == null ? null : mask.resume(scoring.context(underWay, choice -> {})),
              idle(underWay));
      stage.load(reader);
    }
    Snapshot.read(reader, Snapshot.Names.PRESENT, live).restore(live);
    return stage;
  }

  /** The first stage's mask, nothing else. */
  MaskSet findMask() {
    Stage stage = setting.stages().get(0);
    mapping.beginRun(stage);
    MaskSet masks =
        Problem.given(
            stage.mask().begin(scoring.context(stage, choices(idle(stage))), live.masks()),
            stage.inWords(),
            "what MaskRule.begin gives");
    masks.requireFits(live.layout());
    collapse.masked(stage.inWords(), masks);
    return masks;
  }

  /** The label mapping on the dense network, nothing else. */
  LabelAssignment findMapping() {
    return mapping.onDense();
  }

  /** Right answers of the dense network without prompt, nothing else; null without test images. */
  @Nullable Accuracy accuracy() {
    Batches test = setting.images().test();
    return test == null ? null : setting.evaluator().accuracy(test, mapping.onDense(), false);
  }
}
