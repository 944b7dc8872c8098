package org.vpns;

import ai.djl.Model;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Networks whose weights are on their way, and the thread that moves each. */
final class Changing {
  private static final List<Change> UNDER_WAY = new CopyOnWriteArrayList<>();

  private Changing() {}

  private record Change(Model model, String what, Thread thread) {}

  /** Until the result is run, the network is the calling thread's. */
  static Runnable begin(Model model, String what) {
    Change change = new Change(model, what, Thread.currentThread());
    UNDER_WAY.add(change);
    return () -> UNDER_WAY.remove(change);
  }

  /** What another thread does to a network; null if none does anything. */
  static @Nullable String elsewhere(@Nullable Block block) {
    for (Change change : UNDER_WAY) {
      // a run on a TorchScript module changes which block its model has
      Block changing = change.model().getBlock();
      if (change.thread() != Thread.currentThread()
          && block != null
          && changing != null
          && share(block, changing)) {
        return change.what();
      }
    }
    return null;
  }

  /** Whether one holds what the other does, as a block around it or in it. */
  private static boolean share(Block one, Block other) {
    if (one == other) {
      return true;
    }
    Set<Parameter> own = Collections.newSetFromMap(new IdentityHashMap<>());
    own.addAll(parameters(one));
    return parameters(other).stream().anyMatch(own::contains);
  }

  private static Collection<Parameter> parameters(Block block) {
    return block.getParameters().values();
  }
}
