package org.vpns.study;

import java.io.IOException;
import java.util.List;

/**
 * How another process builds a study that it makes runs of. A public class that has a public
 * constructor without arguments; workers find it by its name.
 *
 * <pre>{@code
 * public final class Rates implements StudyPlan<PruneReport> {
 *   public Study<PruneReport> study(List<String> arguments) {
 *     return Study.of(methods(arguments)).sparsities("0.9").seeds(1, 2, 3).on(new Digits());
 *   }
 * }
 * }</pre>
 *
 * @param <R> what a run gives
 */
@FunctionalInterface
public interface StudyPlan<R> {
  /**
   * The study, with the same runs in the same order for the same arguments. Its folder, listener
   * and reporter are those of who asks for the runs.
   *
   * @param arguments such as those of a main
   */
  Study<R> study(List<String> arguments) throws IOException;
}
