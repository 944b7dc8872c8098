package org.vpns.internal.run;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.Scores;
import org.vpns.internal.network.NetworkState;

/**
 * The state of a run at one moment. Parts that it lacks stay as they are when it is brought back.
 *
 * @param network parameters and statistics
 * @param theta true weights; null = those of the network
 * @param masks the mask, applied to the true weights
 * @param prompt the prompt's values
 * @param scores the scores learned last
 */
public record Snapshot(
    NetworkState network,
    float @Nullable [] theta,
    @Nullable MaskSet masks,
    float @Nullable [] prompt,
    @Nullable Scores scores) {

  /** The whole present state. */
  public static Snapshot of(LiveState live) {
    return of(live, live.masks(), live.scores());
  }

  /** The present state with the mask and the scores that a stage is learning. */
  public static Snapshot of(LiveState live, MaskSet masks, @Nullable Scores scores) {
    return new Snapshot(
        live.network().snapshot(),
        live.weights().theta().toArray(),
        masks,
        live.promptValues(),
        scores);
  }

  /** Network and true weights, without mask and prompt. */
  public static Snapshot ofWeights(LiveState live) {
    return new Snapshot(
        live.network().snapshot(), live.weights().theta().toArray(), null, null, null);
  }

  /** A network as it is, all its weights true. */
  public static Snapshot ofNetwork(NetworkState network) {
    return new Snapshot(network, null, null, null, null);
  }

  /** Makes it the present state. */
  public void restore(LiveState live) {
    live.network().restore(network);
    if (theta == null) {
      live.weights().readTheta();
    } else {
      live.weights().theta().set(theta);
    }
    if (masks != null) {
      live.weights().apply(masks);
    }
    if (prompt != null) {
      live.setPrompt(prompt);
    }
    if (scores != null) {
      live.setScores(scores);
    }
  }

  /**
   * Under which names a checkpoint holds a snapshot. Vectors whose name has a star are held tensor
   * by tensor, the path in its place.
   */
  public record Names(String network, String theta, String masks, String prompt, String scores) {
    /** The state at the moment of the checkpoint. */
    public static final Names PRESENT =
        new Names("network", "weights/*/theta", "mask/", "prompt", "found/*/score");

    /** The best epoch of the stage under way. */
    public static final Names BEST =
        new Names("best", "best-theta", "best-mask/", "best-prompt", "best-scores");

    /** The first stage after so many steps. */
    public static Names afterSteps(long steps) {
      String name = "step-" + steps;
      return new Names(name, name + "-theta", name + "-mask/", name + "-prompt", name + "-scores");
    }
  }

  public void write(CheckpointFile.Writer writer, Names names, Layout layout) {
    writer.network(names.network(), network);
    if (theta != null) {
      write(writer, names.theta(), layout, theta);
    }
    if (masks != null) {
      writer.masks(names.masks(), masks);
    }
    if (prompt != null) {
      writer.floats(names.prompt(), prompt);
    }
    if (scores != null) {
      write(writer, names.scores(), layout, scores.values());
    }
  }

  private static void write(
      CheckpointFile.Writer writer, String name, Layout layout, float[] vector) {
    if (!name.contains("*")) {
      writer.floats(name, vector);
      return;
    }
    for (int i = 0; i < layout.tensors(); i++) {
      writer.floats(
          name.replace("*", layout.path(i)),
          Arrays.copyOfRange(vector, layout.offset(i), layout.offset(i + 1)));
    }
  }

  /**
   * A snapshot of a run with this prompt.
   *
   * @throws IOException if a part of it is missing or of another size
   */
  public static Snapshot read(CheckpointFile.Reader reader, Names names, LiveState live)
      throws IOException {
    Layout layout = live.layout();
    String scores = names.scores();
    float[] prompt = live.promptValues();
    return new Snapshot(
        reader.network(names.network(), live.network()),
        read(reader, names.theta(), layout),
        reader.masks(names.masks(), layout),
        prompt == null ? null : reader.floats(names.prompt(), prompt.length),
        reader.has(scores.replace("*", layout.path(0)))
            ? Scores.of(layout, read(reader, scores, layout))
            : null);
  }

  /** As {@link #ofWeights}; null if the checkpoint has none. */
  public static @Nullable Snapshot readWeights(
      CheckpointFile.Reader reader, Names names, LiveState live) throws IOException {
    return reader.has(names.theta())
        ? new Snapshot(
            reader.network(names.network(), live.network()),
            read(reader, names.theta(), live.layout()),
            null,
            null,
            null)
        : null;
  }

  private static float[] read(CheckpointFile.Reader reader, String name, Layout layout)
      throws IOException {
    if (!name.contains("*")) {
      return reader.floats(name, layout.size());
    }
    float[] vector = new float[layout.size()];
    for (int i = 0; i < layout.tensors(); i++) {
      float[] part = reader.floats(name.replace("*", layout.path(i)), layout.size(i));
      System.arraycopy(part, 0, vector, layout.offset(i), part.length);
    }
    return vector;
  }
}
