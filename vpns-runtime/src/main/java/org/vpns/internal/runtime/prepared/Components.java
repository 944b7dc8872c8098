package org.vpns.internal.runtime.prepared;

import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.vpns.internal.runtime.kernel.Affine;
import org.vpns.internal.runtime.kernel.Binary;
import org.vpns.internal.runtime.kernel.DenseConvolution;
import org.vpns.internal.runtime.kernel.DenseLinear;
import org.vpns.internal.runtime.kernel.GlobalMean;
import org.vpns.internal.runtime.kernel.Join;
import org.vpns.internal.runtime.kernel.Move;
import org.vpns.internal.runtime.kernel.Pool;
import org.vpns.internal.runtime.kernel.PooledConvolution;
import org.vpns.internal.runtime.kernel.Reduction;
import org.vpns.internal.runtime.kernel.SparseConvolution;
import org.vpns.internal.runtime.kernel.SparseLinear;
import org.vpns.internal.runtime.kernel.Step;
import org.vpns.internal.runtime.kernel.Unary;
import org.vpns.internal.runtime.kernel.WinogradAcross;
import org.vpns.internal.runtime.kernel.WinogradConvolution;
import org.vpns.internal.runtime.plan.Finished;

/**
 * What records are made of. Written are their components in order, by the types that these declare:
 * no file names a class.
 */
final class Components {
  /** The kinds of steps; a file has a kind's number. */
  static final List<Class<? extends Step>> STEPS =
      List.of(
          Affine.class,
          Binary.class,
          DenseConvolution.class,
          DenseLinear.class,
          Finished.class,
          GlobalMean.class,
          Join.class,
          Move.class,
          Pool.class,
          PooledConvolution.class,
          Reduction.class,
          SparseConvolution.class,
          SparseLinear.class,
          Unary.class,
          WinogradAcross.class,
          WinogradConvolution.class);

  private Components() {}

  static RecordComponent[] of(Class<?> type) {
    return type.getRecordComponents();
  }

  static Constructor<?> constructor(Class<?> type) throws NoSuchMethodException {
    Class<?>[] types =
        Arrays.stream(of(type)).map(RecordComponent::getType).toArray(Class<?>[]::new);
    Constructor<?> constructor = type.getDeclaredConstructor(types);
    constructor.setAccessible(true);
    return constructor;
  }

  /** What a list holds. */
  static Type element(Type list) {
    return ((ParameterizedType) list).getActualTypeArguments()[0];
  }

  /** The class of a type, whatever its parameters are. */
  static Class<?> raw(Type type) {
    return (Class<?>) (type instanceof ParameterizedType p ? p.getRawType() : type);
  }

  /** Names all that is written of a record: equal texts, equal files. */
  static String describe(Class<? extends Record> type) {
    Map<Class<?>, String> known = new LinkedHashMap<>();
    describe(type, known);
    return String.join("\n", known.values());
  }

  private static void describe(Type type, Map<Class<?>, String> known) {
    Class<?> raw = raw(type);
    if (known.containsKey(raw)) {
      return;
    }
    if (raw.isArray()) {
      describe(raw.getComponentType(), known);
    } else if (raw == List.class) {
      describe(element(type), known);
    } else if (raw == Step.class) {
      known.put(raw, raw.getName() + " " + STEPS);
      STEPS.forEach(step -> describe(step, known));
    } else if (raw.isEnum()) {
      known.put(raw, raw.getName() + " " + Arrays.toString(raw.getEnumConstants()));
    } else if (raw.isRecord()) {
      known.put(raw, raw.getName() + " " + Arrays.toString(of(raw)));
      for (RecordComponent component : of(raw)) {
        describe(component.getGenericType(), known);
      }
    }
  }
}
