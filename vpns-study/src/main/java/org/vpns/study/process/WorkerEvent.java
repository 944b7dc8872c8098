package org.vpns.study.process;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import org.jspecify.annotations.Nullable;
import org.vpns.train.RunListener.Step;

/**
 * What a worker tells, a line each. Lines that do not begin with the sign are of somebody else.
 *
 * @param kind what has happened
 * @param step where it is a step
 * @param text digest of the study, or message
 */
record WorkerEvent(Kind kind, @Nullable Step step, String text) {
  private static final String SIGN = "vpns-worker ";

  /** Losses may be infinite. */
  private static final Gson JSON = new GsonBuilder().serializeSpecialFloatingPointValues().create();

  /** Kinds of events. */
  enum Kind {
    /** The study is built; the text is its fingerprint. */
    READY,
    /** A gradient step was made. */
    STEP,
    /** The run is done, and what it gave is kept. */
    DONE,
    /** The run failed, as the text says. */
    FAILED,
    /** The run failed by what the text names, and the log has where that was thrown. */
    THREW,
    /** The run failed by an error, as the text says, which the worker does not go on after. */
    BROKEN,
    /** No run can be made, as the text says. */
    ENDED
  }

  static WorkerEvent of(Kind kind, String text) {
    return new WorkerEvent(kind, null, text);
  }

  static WorkerEvent of(Step step) {
    return new WorkerEvent(Kind.STEP, step, "");
  }

  String line() {
    return SIGN + JSON.toJson(this);
  }

  /** The event of a line; null if it is none. */
  static @Nullable WorkerEvent read(String line) {
    if (!line.startsWith(SIGN)) {
      return null;
    }
    try {
      return JSON.fromJson(line.substring(SIGN.length()), WorkerEvent.class);
    } catch (JsonParseException e) {
      return null; // torn by what the engine prints
    }
  }
}
