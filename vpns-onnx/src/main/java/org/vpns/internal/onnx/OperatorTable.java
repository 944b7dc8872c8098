package org.vpns.internal.onnx;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The operators that are read, by name: families of operators put themselves into it. */
final class OperatorTable {
  private final Map<String, Entry> entries = new TreeMap<>();

  private OperatorTable() {}

  /**
   * An operator of the table.
   *
   * @param since the operator set that introduced it, or 1
   * @param onHost whether it runs without an engine when all its inputs are known to Java
   */
  record Entry(OnnxOperator operator, int since, boolean onHost) {}

  /** The table of some families. */
  @SafeVarargs
  static OperatorTable of(Consumer<OperatorTable>... families) {
    OperatorTable table = new OperatorTable();
    for (Consumer<OperatorTable> family : families) {
      family.accept(table);
    }
    return table;
  }

  /** An operator of the engine alone. */
  void add(String name, OnnxOperator operator) {
    entries.put(name, new Entry(operator, 1, false));
  }

  /** An operator of the engine alone, from an operator set on. */
  void since(int opset, String name, OnnxOperator operator) {
    entries.put(name, new Entry(operator, opset, false));
  }

  /** An operator that also runs in Java. */
  void both(String name, OnnxOperator operator) {
    entries.put(name, new Entry(operator, 1, true));
  }

  /** An operator that also runs in Java, from an operator set on. */
  void both(int opset, String name, OnnxOperator operator) {
    entries.put(name, new Entry(operator, opset, true));
  }

  /** The operator of this name, or null. */
  @Nullable Entry find(String name) {
    return entries.get(name);
  }

  /** Names of all operators, sorted. */
  List<String> names() {
    return List.copyOf(entries.keySet());
  }
}
