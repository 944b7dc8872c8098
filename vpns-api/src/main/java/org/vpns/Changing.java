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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Networks whose weights are on their way, and the thread that moves each. */
final class Changing {
  private static final List<Change> UNDER_WAY = new CopyOnWriteArrayList<>();

  private Changing() {}

  private record Change(Model model, String what, Thread thread) {}

  /**
   * Until the result is run, the network is the calling thread's, and is moved by nobody else: a
   * run within a run would leave the outer one with statistics and a mask that are not its own.
   */
  static Runnable begin(Model model, String what) {
    String other = by(model.getBlock(), change -> true);
    if (other != null) {
      throw Problem.state(
          "network in training already",
          what,
          "a network that no run is changing",
          other + " under way",
          "wait until it has ended, or train a copy of the network");
    }
    Change change = new Change(model, what, Thread.currentThread());
    UNDER_WAY.add(change);
    return () -> UNDER_WAY.remove(change);
  }

  /** What another thread does to a network; null if none does anything. */
  static @Nullable String elsewhere(@Nullable Block block) {
    return by(block, change -> change.thread() != Thread.currentThread());
  }

  private static @Nullable String by(@Nullable Block block, Predicate<Change> whose) {
    for (Change change : UNDER_WAY) {
      // a run on a TorchScript module changes which block its model has
      Block changing = change.model().getBlock();
      if (whose.test(change) && block != null && changing != null && share(block, changing)) {
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
