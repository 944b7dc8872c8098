package org.vpns.examples;

import com.google.common.collect.ImmutableMap;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.vpns.Problem;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.study.StudyRun;
import org.vpns.train.Recipe;

/**
 * A run that does more than a recipe; its outcome is kept as JSON beside the options that made it.
 *
 * @param <R> a record of plain values
 */
public interface OutcomeRun<R> extends StudyRun<R> {
  /** What trains, before channels leave, after, or both. */
  Recipe recipe();

  /** What is done beside the training, in words with all options. */
  Map<String, String> choices();

  /** What a run gives. */
  Class<R> outcome();

  /**
   * What is kept.
   *
   * @param options of the run
   * @param outcome what it gave
   * @param <R> as the run's
   */
  record Kept<R>(Map<String, String> options, R outcome) {
    private static final Gson JSON =
        new GsonBuilder().setPrettyPrinting().setStrictness(Strictness.STRICT).create();
  }

  @Override
  default long seed() {
    return recipe().seed();
  }

  @Override
  default Map<String, String> options() {
    return ImmutableMap.<String, String>builder()
        .putAll(recipe().options())
        .putAll(choices())
        .buildOrThrow();
  }

  @Override
  default long gradientSteps(long images) {
    return recipe().gradientSteps(images);
  }

  @Override
  default void write(R result, Path file) throws IOException {
    AtomicFiles.writeText(file, Kept.JSON.toJson(new Kept<>(options(), result)) + "\n");
  }

  @Override
  default R read(Path file, Place place) throws IOException {
    TypeToken<?> type = TypeToken.getParameterized(Kept.class, outcome());
    Kept<R> kept;
    try {
      kept = Kept.JSON.fromJson(Files.readString(file), type.getType());
    } catch (JsonParseException e) {
      throw new IOException(
          Problem.message(
              "file that is no outcome", file.toString(), "JSON", e.getMessage(), "delete it"),
          e);
    }
    if (kept == null || !options().equals(kept.options()) || kept.outcome() == null) {
      throw Problem.state(
          "outcome of another run",
          file.toString(),
          options(),
          kept == null ? "nothing" : kept.options(),
          "go on with the options it was made with, or choose another folder");
    }
    return kept.outcome();
  }
}
