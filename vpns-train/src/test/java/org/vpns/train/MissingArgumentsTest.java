package org.vpns.train;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.vpns.MaskSet;
import org.vpns.predict.PrunedModel;

/**
 * Every public method names an argument that is null. Receivers and the other arguments are blank
 * objects without any state, so a method that touched one of them first would fail otherwise: the
 * refusal comes before anything is done.
 */
class MissingArgumentsTest {
  @TestFactory
  Stream<DynamicTest> everyMethod_anArgumentIsNull_namesIt() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Class<?> type :
        List.of(
            Trainer.class,
            ImageSets.class,
            PrunedModel.class,
            Recipe.class,
            Recipe.Builder.class,
            Stage.class,
            Stage.Builder.class,
            MaskSet.class)) {
      for (Method method : type.getDeclaredMethods()) {
        if (!Modifier.isPublic(method.getModifiers())
            || method.isSynthetic()
            || method.getName().equals("equals")) {
          continue;
        }
        for (int i = 0; i < method.getParameterCount(); i++) {
          int missing = i;
          if (!method.getParameterTypes()[i].isPrimitive()
              && !method.getAnnotatedParameterTypes()[i].isAnnotationPresent(Nullable.class)) {
            tests.add(
                DynamicTest.dynamicTest(
                    method.toGenericString() + " " + i, () -> check(method, missing)));
          }
        }
      }
    }
    assertTrue(tests.size() > 50, () -> "methods found: " + tests.size());
    return tests.stream();
  }

  @Test
  void passes_oneOfThemIsNull_namesWhich() {
    Pass[] passes = {Pass.plain(), null};
    Stage.Builder builder = Stage.builder("tune");
    NullPointerException thrown =
        assertThrows(NullPointerException.class, () -> builder.passes(passes));
    assertTrue(
        String.valueOf(thrown.getMessage())
            .startsWith("argument missing: Stage.Builder.passes, passes[1];"),
        thrown::getMessage);
  }

  private static void check(Method method, int missing) throws Exception {
    Class<?>[] types = method.getParameterTypes();
    @Nullable Object[] arguments = new Object[types.length];
    for (int i = 0; i < types.length; i++) {
      arguments[i] = i == missing ? null : blank(types[i]);
    }
    Class<?> owner = method.getDeclaringClass();
    Object receiver = Modifier.isStatic(method.getModifiers()) ? null : blank(owner);
    Throwable thrown =
        assertThrows(InvocationTargetException.class, () -> method.invoke(receiver, arguments))
            .getCause();
    String where =
        owner.getName().substring(owner.getPackageName().length() + 1).replace('$', '.')
            + "."
            + method.getName()
            + ", ";
    assertTrue(
        thrown instanceof NullPointerException
            && String.valueOf(thrown.getMessage()).startsWith("argument missing: " + where),
        () -> "expected a missing argument of " + where + " found " + thrown);
  }

  /** An object of a type, made without its constructor. */
  private static Object blank(Class<?> type) throws Exception {
    if (type.isPrimitive()) {
      return Array.get(Array.newInstance(type, 1), 0);
    } else if (type == String.class) {
      return "some";
    } else if (type.isArray()) {
      return Array.newInstance(type.getComponentType(), 0);
    } else if (type.isEnum()) {
      return Arrays.asList(type.getEnumConstants()).get(0);
    } else if (type.isSealed()) {
      return blank(type.getPermittedSubclasses()[0]);
    } else if (type.isInterface()) {
      return Proxy.newProxyInstance(
          type.getClassLoader(),
          new Class<?>[] {type},
          (proxy, method, arguments) -> {
            throw new AssertionError("called " + method);
          });
    }
    Class<?> concrete = type == RandomAccessDataset.class ? ArrayDataset.class : type;
    Class<?> unsafe = Class.forName("sun.misc.Unsafe");
    Field instance = unsafe.getDeclaredField("theUnsafe");
    instance.setAccessible(true);
    return unsafe.getMethod("allocateInstance", Class.class).invoke(instance.get(null), concrete);
  }
}
