package org.vpns.examples.figures;

import java.util.LinkedHashMap;
import java.util.Map;
import org.vpns.Sparsity;
import org.vpns.examples.compare.ArmTable;
import org.vpns.examples.compare.ComparisonTask;

/**
 * The settings of every method, as its recipe has them.
 *
 * @param byMethod options in words
 */
record MethodSettings(Map<String, Map<String, String>> byMethod) {
  static final String TITLE = "Table A2: settings of every method";

  /**
   * On a task.
   *
   * @param steps T
   * @param sparsity of the recipes
   */
  static MethodSettings of(ComparisonTask task, long steps, Sparsity sparsity) {
    ArmTable arms = FigureArms.of(task, steps);
    Map<String, Map<String, String>> byMethod = new LinkedHashMap<>();
    for (String name : arms.names()) {
      byMethod.put(name, arms.run(name, sparsity, 1).options());
    }
    return new MethodSettings(byMethod);
  }

  /** As a table. */
  String toMarkdown() {
    StringBuilder text = new StringBuilder("| method | option | value |\n|---|---|---|\n");
    byMethod.forEach(
        (method, options) ->
            options.forEach(
                (option, value) ->
                    text.append("| ")
                        .append(method)
                        .append(" | ")
                        .append(option)
                        .append(" | ")
                        .append(value.replace("|", "\\|"))
                        .append(" |\n")));
    return text.toString();
  }
}
