package org.vpns.testing;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;

/**
 * Every public method and constructor names an argument that is null, and an element that is null
 * of an array, a list or a map. Receivers and the other arguments are blank objects without any
 * state, so code that touched one of them first would fail otherwise: the refusal comes before
 * anything is done.
 */
public final class MissingArguments {
  private MissingArguments() {}

  /** A test for each argument, and each that has elements, of the types' own public members. */
  public static Stream<DynamicTest> of(Class<?>... types) {
    List<DynamicTest> tests = new ArrayList<>();
    for (Class<?> type : types) {
      int before = tests.size();
      for (Executable member : members(type)) {
        AnnotatedType[] parameters = member.getAnnotatedParameterTypes();
        for (int i = 0; i < parameters.length; i++) {
          Class<?> parameter = member.getParameterTypes()[i];
          if (!parameter.isPrimitive() && !parameters[i].isAnnotationPresent(Nullable.class)) {
            String name = member.toGenericString() + " " + i;
            int missing = i;
            tests.add(DynamicTest.dynamicTest(name, () -> check(member, missing, null, "")));
            Object hollow = hollow(parameter);
            if (hollow != null) {
              tests.add(
                  DynamicTest.dynamicTest(
                      name + " element", () -> check(member, missing, hollow, "[")));
            }
          }
        }
      }
      if (tests.size() == before) {
        throw new AssertionError(type + " has no member that takes an object");
      }
    }
    return tests.stream();
  }

  private static List<Executable> members(Class<?> type) {
    return Stream.<Executable>concat(
            Arrays.stream(type.getDeclaredConstructors()), Arrays.stream(type.getDeclaredMethods()))
        .filter(member -> Modifier.isPublic(member.getModifiers()) && !member.isSynthetic())
        .filter(member -> !member.getName().equals("equals"))
        .toList();
  }

  /** Something of the type with one element, which is null; null if it has no elements. */
  private static @Nullable Object hollow(Class<?> type) {
    if (type.isArray()) {
      return type.getComponentType().isPrimitive()
          ? null
          : Array.newInstance(type.getComponentType(), 1);
    } else if (type == List.class || type == Collection.class) {
      return Collections.singletonList(null);
    }
    return type == Map.class ? Collections.singletonMap("some", null) : null;
  }

  private static void check(
      Executable member, int missing, @Nullable Object instead, String element) throws Exception {
    Class<?>[] types = member.getParameterTypes();
    @Nullable Object[] arguments = new Object[types.length];
    for (int i = 0; i < types.length; i++) {
      arguments[i] = i == missing ? instead : blank(types[i]);
    }
    Class<?> owner = member.getDeclaringClass();
    Throwable thrown =
        assertThrows(InvocationTargetException.class, () -> call(member, arguments)).getCause();
    String type = owner.getName().substring(owner.getPackageName().length() + 1).replace('$', '.');
    String where = member instanceof Method ? type + "." + member.getName() : "new " + type;
    String message = String.valueOf(thrown.getMessage());
    assertTrue(
        thrown instanceof NullPointerException
            && message.startsWith("argument missing: " + where + ", ")
            && message.substring(0, message.indexOf(';')).contains(element),
        () -> "expected a missing argument of " + where + element + " found " + thrown);
  }

  private static void call(Executable member, @Nullable Object[] arguments) throws Exception {
    if (member instanceof Method method) {
      boolean free = Modifier.isStatic(method.getModifiers());
      method.invoke(free ? null : blank(method.getDeclaringClass()), arguments);
    } else {
      ((Constructor<?>) member).newInstance(arguments);
    }
  }

  /** An object of a type, made without its constructor. */
  private static Object blank(Class<?> type) throws Exception {
    if (type.isPrimitive()) {
      return Array.get(Array.newInstance(type, 1), 0);
    } else if (type == String.class) {
      return "some";
    } else if (type.isArray()) {
      return Array.newInstance(type.getComponentType(), 0);
    } else if (type == List.class || type == Collection.class) {
      return List.of();
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
