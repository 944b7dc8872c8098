package org.vpns.examples.channels;

import com.google.common.collect.ImmutableMap;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.vpns.Problem;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.study.StudyRun;
import org.vpns.train.Recipe;

/** A run that removes channels; its outcome is kept as JSON beside the options that made it. */
interface OutcomeRun extends StudyRun<ChannelOutcome> {
  /** What trains, before the channels leave, after, or both. */
  Recipe recipe();

  /** Which channels leave, in words with all options. */
  String choice();

  /**
   * What is kept.
   *
   * @param options of the run
   * @param outcome what it gave
   */
  record Kept(Map<String, String> options, ChannelOutcome outcome) {
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
        .put("channels", choice())
        .buildOrThrow();
  }

  @Override
  default long gradientSteps(long images) {
    return recipe().gradientSteps(images);
  }

  @Override
  default void write(ChannelOutcome result, Path file) throws IOException {
    AtomicFiles.writeText(file, Kept.JSON.toJson(new Kept(options(), result)) + "\n");
  }

  @Override
  default ChannelOutcome read(Path file, Place place) throws IOException {
    Kept kept;
    try {
      kept = Kept.JSON.fromJson(Files.readString(file), Kept.class);
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

  @Override
  default String line(ChannelOutcome result) {
    return result.line();
  }
}
