package org.vpns.examples.channels;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.latency.Latency;
import org.vpns.onnx.OnnxRuntime;
import org.vpns.structured.prune.ChannelRun;
import org.vpns.structured.prune.ChannelTrainer;
import org.vpns.study.StudyRun;
import org.vpns.train.Recipe;

/**
 * A method that removes channels; both networks are timed in turn at the end of its run.
 *
 * @param method its name
 * @param sparsity share of the channels that leave
 * @param recipe of the trainer
 * @param trainer runs it
 */
record ChannelMethodRun(String method, Sparsity sparsity, Recipe recipe, ChannelTrainer trainer)
    implements StudyRun<ChannelOutcome> {
  private static final Gson JSON =
      new GsonBuilder().setPrettyPrinting().setStrictness(Strictness.STRICT).create();

  /** What is kept. */
  private record Kept(Map<String, String> options, ChannelOutcome outcome) {}

  @Override
  public long seed() {
    return recipe.seed();
  }

  @Override
  public Map<String, String> options() {
    return recipe.options();
  }

  @Override
  public long gradientSteps(long images) {
    return recipe.gradientSteps(images);
  }

  @Override
  public ChannelOutcome run(Place place) {
    ChannelTrainer whole =
        trainer.listener(place.listener()).checkpoints(place.checkpoints()).resume();
    Model model = place.network();
    try (ChannelRun run = whole.fit(model, place.images())) {
      NetworkValues dense = BlockTracer.network(model.getBlock(), new Shape(1, 32, 32));
      NetworkValues smaller = ((GraphBlock) run.result().model().getBlock()).network();
      double[] times = Latency.of(OnnxRuntime.standard()).milliseconds(List.of(dense, smaller));
      return ChannelOutcome.of(method, sparsity.toString(), seed(), run.report(), times);
    }
  }

  @Override
  public void write(ChannelOutcome result, Path file) throws IOException {
    AtomicFiles.writeText(file, JSON.toJson(new Kept(options(), result)) + "\n");
  }

  @Override
  public ChannelOutcome read(Path file, Place place) throws IOException {
    Kept kept;
    try {
      kept = JSON.fromJson(Files.readString(file), Kept.class);
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
  public String line(ChannelOutcome result) {
    return result.line();
  }
}
