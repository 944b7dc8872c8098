package org.vpns.study;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.vpns.Problem;
import org.vpns.study.Study.Cell;

/** Cells in order. */
final class StudyCells {
  private StudyCells() {}

  /** What cells share their images by. */
  private record Source(StudyTask task, long seed) {}

  /** Those of each task and seed, in order of appearance. */
  static <R> Collection<List<Cell<R>>> bySource(Collection<Cell<R>> cells) {
    Map<Source, List<Cell<R>>> groups = new LinkedHashMap<>();
    for (Cell<R> cell : cells) {
      Source source = new Source(cell.task(), cell.run().seed());
      groups.computeIfAbsent(source, s -> new ArrayList<>()).add(cell);
    }
    return groups.values();
  }

  /**
   * Indexes of runs that may begin with the same stages: those of a method, task and seed; in order
   * of appearance.
   *
   * @param wanted some of the cells
   */
  static <R> List<List<Integer>> chains(List<Cell<R>> cells, Collection<Cell<R>> wanted) {
    Map<Cell<R>, Integer> indexes = new HashMap<>();
    for (int i = 0; i < cells.size(); i++) {
      indexes.put(cells.get(i), i);
    }
    Map<List<Object>, List<Integer>> chains = new LinkedHashMap<>();
    for (Cell<R> cell : wanted) {
      List<Object> key = List.of(cell.task(), cell.run().seed(), cell.run().method());
      chains.computeIfAbsent(key, k -> new ArrayList<>()).add(indexes.get(cell));
    }
    return List.copyOf(chains.values());
  }

  /** A digest of the names and options of all runs, in their order. */
  static <R> String fingerprint(List<Cell<R>> cells) {
    Hasher hasher = Hashing.sha256().newHasher();
    for (Cell<R> cell : cells) {
      hasher.putString(cell.name() + "\n", StandardCharsets.UTF_8);
      new TreeMap<>(cell.run().options())
          .forEach((k, v) -> hasher.putString(k + "=" + v + "\n", StandardCharsets.UTF_8));
    }
    return hasher.hash().toString();
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
