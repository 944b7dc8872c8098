package org.vpns.study;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.vpns.Problem;
import org.vpns.study.Study.Cell;

/** Cells in order. */
final class StudyCells {
  private StudyCells() {}

  /** What cells share their images by. */
  private record Source(StudyTask task, long seed) {}

  /** Those of each task and seed, in order of appearance. */
  static <R> Collection<List<Cell<R>>> bySource(List<Cell<R>> cells) {
    Map<Source, List<Cell<R>>> groups = new LinkedHashMap<>();
    for (Cell<R> cell : cells) {
      Source source = new Source(cell.task(), cell.run().seed());
      groups.computeIfAbsent(source, s -> new ArrayList<>()).add(cell);
    }
    return groups.values();
  }

  /** All of a task and seed behind each other, equal ones once. */
  static <R> List<Cell<R>> distinct(String where, List<Cell<R>> cells) {
    Map<String, Cell<R>> named = new LinkedHashMap<>();
    for (List<Cell<R>> group : bySource(cells)) {
      for (Cell<R> cell : group) {
        Cell<R> before = named.putIfAbsent(cell.name(), cell);
        if (before != null) {
          requireSame(where, before, cell);
        }
      }
    }
    return List.copyOf(named.values());
  }

  private static void requireSame(String where, Cell<?> a, Cell<?> b) {
    if (a.task() != b.task()) {
      throw Problem.argument(
          "two tasks of one name",
          where,
          "a name for each",
          "'" + a.task().name() + "' and '" + b.task().name() + "'",
          "signs do not tell them apart: rename one");
    }
    Map<String, String> options = a.run().options();
    b.run()
        .options()
        .forEach(
            (option, value) -> {
              if (!value.equals(options.get(option))) {
                throw Problem.argument(
                    "two runs of one name",
                    where + ", " + a.name() + ", " + option,
                    "'" + options.getOrDefault(option, "nothing") + "'",
                    "'" + value + "'",
                    "give methods that differ different names, by more than signs");
              }
            });
  }
}
