package org.vpns.structured.prune;

import ai.djl.Model;
import org.vpns.predict.PrunedModel;

/**
 * A smaller network, tuned, and how it came about. The network is a model of its own; closing this
 * closes it with all that belongs to it.
 */
public final class ChannelRun implements AutoCloseable {
  private final Model model;
  private final PrunedModel result;
  private final ChannelReport report;

  ChannelRun(Model model, PrunedModel result, ChannelReport report) {
    this.model = model;
    this.result = result;
    this.report = report;
  }

  /** The smaller network with prompt and label mapping: it predicts, and can be saved. */
  public PrunedModel result() {
    return result;
  }

  /** What has changed. */
  public ChannelReport report() {
    return report;
  }

  @Override
  public String toString() {
    return report.toString();
  }

  @Override
  public void close() {
    result.close();
    model.close();
  }
}
