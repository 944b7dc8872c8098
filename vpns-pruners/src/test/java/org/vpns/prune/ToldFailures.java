package org.vpns.prune;

import java.util.ArrayList;
import java.util.List;
import org.vpns.train.RunListener;

/** Keeps what a listener is told of failed runs. */
final class ToldFailures implements RunListener {
  final List<Throwable> told = new ArrayList<>();

  @Override
  public void runFailed(Throwable cause) {
    told.add(cause);
  }
}
