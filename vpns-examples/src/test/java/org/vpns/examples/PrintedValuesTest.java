package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.onnx.OnnxRuntime;
import org.vpns.prune.Pruners;
import org.vpns.runtime.SparseRuntime;
import org.vpns.score.Scorers;
import org.vpns.structured.plan.ChannelBudget;
import org.vpns.structured.train.Regularisers;

/** What is a value says what it is where it is printed, in a log or a debugger. */
class PrintedValuesTest {
  record Named(String name, Object value) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** All that public types give without being asked for anything, and some that take options. */
  static Stream<Named> values() throws Exception {
    Stream.Builder<Named> values = Stream.builder();
    for (String type : PublicTypesTest.listed()) {
      if (type.startsWith("org.vpns.study.spark.")) {
        continue; // not on this module's class path, and no values
      }
      for (Method method : Class.forName(type).getDeclaredMethods()) {
        if (gives(method)) {
          values.add(new Named(type + "." + method.getName(), given(method)));
        }
      }
    }
    List.of(
            Pruners.magnitude().rounds(3),
            Scorers.inverted(Scorers.snip()),
            Regularisers.slim(1e-4).plus(Regularisers.groupLasso(1e-3)),
            ChannelBudget.macs(0.5),
            OnnxRuntime.standard(),
            SparseRuntime.standard())
        .forEach(value -> values.add(new Named(value.getClass().getSimpleName(), value)));
    return values.build();
  }

  private static boolean gives(Method method) {
    return Modifier.isStatic(method.getModifiers())
        && Modifier.isPublic(method.getModifiers())
        && method.getParameterCount() == 0
        && !method.getReturnType().isArray()
        && !method.getReturnType().getSimpleName().matches("Builder|RunListener")
        && method.getReturnType() != void.class;
  }

  private static Object given(Method method) throws ReflectiveOperationException, IOException {
    try {
      return method.invoke(null);
    } catch (InvocationTargetException e) {
      throw new AssertionError(method + " failed", e.getCause());
    }
  }

  @ParameterizedTest
  @MethodSource("values")
  void value_printed_isNotAnAddress(Named named) {
    assertThat(named.value.toString()).doesNotContainPattern("@[0-9a-f]{4,}|[$][$]Lambda|[$]\\d");
  }
}
