package org.vpns.examples.compare;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.vpns.examples.Names;
import org.vpns.examples.SetForm;

/** The tasks of {@link CompareMethods} by name. */
public final class ComparisonTasks {
  private static final SortedMap<String, Opener> ALL =
      new TreeMap<>(
          Map.of(
              DigitsTask.NAME, DigitsTask::open,
              DigitsTask.FEW, DigitsTask::few,
              MobileNetTask.NAME, MobileNetTask::open,
              ResNet20Task.CIFAR, ResNet20Task::cifar,
              ResNet20Task.FLOWERS, ResNet20Task::flowers));

  static {
    for (SetForm form : SetForm.values()) {
      ALL.put(PaperTask.name(form), files -> PaperTask.open(form, files));
    }
  }

  private ComparisonTasks() {}

  /** Makes a task of its files, which it reads. */
  private interface Opener {
    ComparisonTask open(TaskFiles files) throws IOException;
  }

  public static Set<String> names() {
    return ALL.keySet();
  }

  /**
   * The task, with its files read and checked.
   *
   * @throws IllegalArgumentException if there is no task of that name
   * @throws IOException if a file is missing or damaged
   */
  public static ComparisonTask open(String name, TaskFiles files) throws IOException {
    return Names.one("--task", ALL, name).open(files);
  }

  /**
   * The paper's set-up on a set such as {@code cifar100}; as {@link #open} otherwise.
   *
   * @throws IllegalArgumentException if there is no set of that name
   */
  static ComparisonTask paper(String set, TaskFiles files) throws IOException {
    SortedMap<String, SetForm> sets = new TreeMap<>();
    for (SetForm form : SetForm.values()) {
      sets.put(PaperTask.name(form).substring(PaperTask.PREFIX.length()), form);
    }
    return PaperTask.open(Names.one("--paper", sets, set), files);
  }
}
