package org.vpns.train;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.annotations.SerializedName;
import com.google.gson.reflect.TypeToken;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.vpns.LabelAssignment;
import org.vpns.internal.io.JsonBound;
import org.vpns.internal.io.JsonRecords;
import org.vpns.internal.network.PassCounter;
import org.vpns.internal.run.GradientStep;
import org.vpns.report.Accuracy;
import org.vpns.report.EpochRecord;
import org.vpns.report.StageRecord;

/**
 * Where a run stands and what it has seen so far, apart from arrays: position, sums of the epoch
 * under way, records of what is done. Written into every checkpoint as it is.
 */
final class Ledger {
  private static final Gson GSON = new GsonBuilder().serializeSpecialFloatingPointValues().create();

  /** Lists of records, which must be whole. */
  private record RecordList(String name, Type type) {}

  private static final List<RecordList> RECORDS =
      List.of(
          new RecordList("stages", new TypeToken<List<StageRecord>>() {}.getType()),
          new RecordList("epochs", new TypeToken<List<EpochRecord>>() {}.getType()));

  int stage;
  long iteration;
  long gradientSteps;
  long images;
  double seconds;

  /** Forward passes of training, a teacher's too. */
  long forwards;

  /** What scorers took when the stage's mask was found or moved; mutable like all here. */
  PassCounter scoring = new PassCounter();

  double scoringSeconds;
  List<Double> losses = new ArrayList<>();
  List<EpochRecord> epochs = new ArrayList<>();
  double epochLoss;
  long epochSteps;
  long epochImages;
  long epochCorrect;
  int bestCorrect = -1;
  @Nullable Integer bestEpoch;

  List<StageRecord> stages = new ArrayList<>();
  @Nullable Accuracy dense;
  @Nullable Accuracy pruned;
  @Nullable Accuracy tuned;
  List<String> warnings = new ArrayList<>();
  CollapseCheck.State collapse = new CollapseCheck.State();

  @SerializedName("effects")
  IdleCheck.State idle = new IdleCheck.State();

  /** Where a listener stopped the run; a resumed run knows nothing of it. */
  transient @Nullable String stopped;

  transient @Nullable LabelAssignment mapping;

  /** That of the network before pruning, if it is a teacher. */
  transient @Nullable LabelAssignment teacherMapping;

  void step(GradientStep.Outcome outcome) {
    gradientSteps++;
    forwards += outcome.forwards();
    images += outcome.images();
    losses.add(outcome.loss());
    epochLoss += outcome.loss();
    epochSteps++;
    epochImages += outcome.images();
    epochCorrect += outcome.correct();
  }

  /** Finds or moves a mask, and adds the time. */
  <T> T timeScoring(Supplier<T> scored) {
    long begin = System.nanoTime();
    T result = scored.get();
    scoringSeconds += (System.nanoTime() - begin) / 1e9;
    return result;
  }

  EpochRecord endEpoch(@Nullable Double validation) {
    EpochRecord record =
        new EpochRecord(
            epochs.size(),
            epochSteps,
            epochLoss / epochSteps,
            (double) epochCorrect / epochImages,
            validation);
    epochs.add(record);
    epochLoss = 0;
    epochSteps = 0;
    epochImages = 0;
    epochCorrect = 0;
    return record;
  }

  StageRecord endStage(
      String name, double sparsity, @Nullable Accuracy accuracy, @Nullable Double explored) {
    StageRecord record =
        new StageRecord(
            name,
            gradientSteps,
            images,
            seconds,
            List.copyOf(losses),
            List.copyOf(epochs),
            bestEpoch,
            sparsity,
            accuracy,
            explored,
            forwards,
            scoring.cost(scoringSeconds));
    stages.add(record);
    stage++;
    iteration = 0;
    gradientSteps = 0;
    images = 0;
    seconds = 0;
    forwards = 0;
    scoring = new PassCounter();
    scoringSeconds = 0;
    losses = new ArrayList<>();
    epochs = new ArrayList<>();
    bestCorrect = -1;
    bestEpoch = null;
    idle = new IdleCheck.State();
    return record;
  }

  /** All of it as JSON, each label assignment in three fields of its own. */
  String toJson() {
    JsonObject json = GSON.toJsonTree(this).getAsJsonObject();
    put(json, "sources", "mapping", "reduction", mapping);
    put(json, "teacherSources", "teacherMapping", "teacherReduction", teacherMapping);
    return GSON.toJson(json);
  }

  private static void put(
      JsonObject json,
      String sources,
      String table,
      String reduction,
      @Nullable LabelAssignment assignment) {
    if (assignment != null) {
      json.addProperty(sources, assignment.sources());
      json.add(table, GSON.toJsonTree(assignment.toArray()));
      json.addProperty(reduction, assignment.reduction().name());
    }
  }

  /**
   * What {@link #toJson} wrote.
   *
   * @param runStages how many stages the run has
   * @throws RuntimeException if it is something else
   */
  static Ledger ofJson(String text, int runStages) {
    JsonBound.require(text);
    JsonObject json = GSON.fromJson(text, JsonObject.class);
    if (json == null) {
      throw new JsonParseException("nothing");
    }
    JsonRecords.requireNoNull(json, "", Ledger::wrong);
    for (RecordList list : RECORDS) {
      JsonRecords.check(json.get(list.name()), list.type(), list.name(), Ledger::wrong);
    }
    Ledger ledger = GSON.fromJson(json, Ledger.class);
    if (ledger.stage < 0 || ledger.stage >= runStages) {
      throw wrong("a stage from 0 to " + (runStages - 1), Integer.toString(ledger.stage));
    }
    if (ledger.iteration < 0) {
      throw wrong("an iteration of at least 0", Long.toString(ledger.iteration));
    }
    ledger.mapping = get(json, "sources", "mapping", "reduction");
    ledger.teacherMapping = get(json, "teacherSources", "teacherMapping", "teacherReduction");
    return ledger;
  }

  private static JsonParseException wrong(String expected, String found) {
    return new JsonParseException(found + " where " + expected + " belongs");
  }

  private static @Nullable LabelAssignment get(
      JsonObject json, String sources, String table, String reduction) {
    return json.has(table)
        ? LabelAssignment.of(
            json.get(sources).getAsInt(),
            GSON.fromJson(json.get(table), int[][].class),
            LabelAssignment.Reduction.valueOf(json.get(reduction).getAsString()))
        : null;
  }
}
