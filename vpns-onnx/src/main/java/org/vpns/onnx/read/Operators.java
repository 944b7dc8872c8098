package org.vpns.onnx.read;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The operators that are read, by name. */
final class Operators {
  private static final ImmutableMap<String, Entry> ALL = all();

  private Operators() {}

  /**
   * An operator of the table.
   *
   * @param since the operator set that introduced it, or 1
   * @param onHost whether it runs without an engine when all its inputs are known to Java
   */
  record Entry(OnnxOperator operator, int since, boolean onHost) {}

  /** Collects the table. */
  static final class Table {
    private final Map<String, Entry> entries = new TreeMap<>();

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
  }

  private static ImmutableMap<String, Entry> all() {
    Table table = new Table();
    MatrixOperators.addTo(table);
    PoolingOperators.addTo(table);
    ActivationOperators.addTo(table);
    ArithmeticOperators.addTo(table);
    ShapeOperators.addTo(table);
    SelectionOperators.addTo(table);
    ConstantOperators.addTo(table);
    ReductionOperators.addTo(table);
    NormalisationOperators.addTo(table);
    return ImmutableMap.copyOf(table.entries);
  }

  /** The operator of this name, or null. */
  static @Nullable Entry find(String name) {
    return ALL.get(name);
  }

  /** Names of all operators, sorted. */
  static List<String> names() {
    return ALL.keySet().asList();
  }
}
