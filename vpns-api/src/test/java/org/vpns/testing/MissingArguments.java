package org.vpns.testing;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import java.io.InputStream;
import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.Proxy;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;

/**
 * Every public method and constructor names an argument that is null, and an element that is null
 * of an array, a list or a map. Receivers and the other arguments are blank objects without any
 * state, so code that touched one of them first would fail otherwise: the refusal comes before
 * anything is done.
 *
 * <p>Of a type that users cannot name, those methods are asked that answer a type which they can,
 * as its objects come from a factory, and those that such a type inherits. A message may tell a
 * method by its own type or by that one. Not asked are members without code, {@code valueOf} of
 * enums, and what implements a contract of DJL or Java, whose callers those are. Lambdas have no
 * class to look at.
 */
public final class MissingArguments {
  private final Collection<Class<?>> types;

  private MissingArguments(Collection<Class<?>> types) {
    this.types = types;
  }

  /**
   * A test for each argument, and each that has elements, of the types' own public members that a
   * user can call.
   *
   * @param exempt members that are not asked, as {@code Type.method} or {@code new Type}; each must
   *     be of one of the types
   */
  public static Stream<DynamicTest> of(Collection<Class<?>> types, Collection<String> exempt) {
    return new MissingArguments(types).tests(exempt);
  }

  /** The same of types of which each has a member that takes an object. */
  public static Stream<DynamicTest> of(Class<?>... types) {
    List<DynamicTest> tests = new ArrayList<>();
    for (Class<?> type : types) {
      of(List.of(type), List.of()).forEach(tests::add);
    }
    return tests.stream();
  }

  private Stream<DynamicTest> tests(Collection<String> exempt) {
    List<DynamicTest> tests = new ArrayList<>();
    Set<String> unknown = new TreeSet<>(exempt);
    for (Class<?> type : types) {
      for (Executable member : members(type)) {
        unknown.remove(where(member));
        if (!exempt.contains(where(member))) {
          addTests(member, tests);
        }
      }
    }
    if (tests.isEmpty() || !unknown.isEmpty()) {
      throw new AssertionError("no member that takes an object: " + unknown + " of " + types);
    }
    return tests.stream();
  }

  private void addTests(Executable member, List<DynamicTest> tests) {
    AnnotatedType[] parameters = parameters(member);
    for (int i = 0; i < parameters.length; i++) {
      Class<?> parameter = member.getParameterTypes()[i];
      if (!parameter.isPrimitive() && !parameters[i].isAnnotationPresent(Nullable.class)) {
        String name = member.toGenericString() + " " + i;
        int missing = i;
        tests.add(DynamicTest.dynamicTest(name, () -> check(member, missing, null, "")));
        Object hollow = hollow(parameter);
        if (hollow != null && !mayHoldNull(parameters[i])) {
          tests.add(
              DynamicTest.dynamicTest(
                  name + " element", () -> check(member, missing, hollow, "[")));
        }
      }
    }
  }

  /**
   * Of a record's own constructor those of its components: the compiler forgets to hand on some.
   */
  private static AnnotatedType[] parameters(Executable member) {
    RecordComponent[] components = member.getDeclaringClass().getRecordComponents();
    boolean own =
        member instanceof Constructor
            && components != null
            && Arrays.equals(
                member.getParameterTypes(),
                Arrays.stream(components).map(RecordComponent::getType).toArray());
    return own
        ? Arrays.stream(components)
            .map(RecordComponent::getAnnotatedType)
            .toArray(AnnotatedType[]::new)
        : member.getAnnotatedParameterTypes();
  }

  private List<Executable> members(Class<?> type) {
    return Stream.<Executable>concat(
            Arrays.stream(type.getDeclaredConstructors()), Arrays.stream(type.getDeclaredMethods()))
        .filter(member -> Modifier.isPublic(member.getModifiers()) && !member.isSynthetic())
        .filter(member -> !Modifier.isAbstract(member.getModifiers()))
        .filter(member -> !(type.isEnum() && member.getName().equals("valueOf")))
        .filter(member -> isAsked(member, type))
        .toList();
  }

  /** Whether users of the library call it: a member that they can name, and none of DJL or Java. */
  private boolean isAsked(Executable member, Class<?> type) {
    if (!(member instanceof Method method) || Modifier.isStatic(member.getModifiers())) {
      return isSeen(type);
    }
    List<Class<?>> declaring = declaring(method, type);
    return declaring.stream().allMatch(MissingArguments::isOurs)
        && (declaring.stream().anyMatch(MissingArguments::isSeen)
            || types.stream().anyMatch(heir -> isSeen(heir) && type.isAssignableFrom(heir)));
  }

  private static boolean isOurs(Class<?> type) {
    return type.getName().startsWith("org.vpns.");
  }

  /** Whether a user's program can name the type. */
  private static boolean isSeen(Class<?> type) {
    return Modifier.isPublic(type.getModifiers())
        && !type.getName().startsWith("org.vpns.internal.")
        && (type.getEnclosingClass() == null || isSeen(type.getEnclosingClass()));
  }

  /** The type itself, and those above it that have or ask for the method. */
  private static List<Class<?>> declaring(Method method, Class<?> type) {
    List<Class<?>> found = new ArrayList<>(List.of(type));
    if (!Modifier.isStatic(method.getModifiers())) {
      supertypes(type)
          .filter(
              above ->
                  Arrays.stream(above.getDeclaredMethods())
                      .anyMatch(inherited -> isOverridden(inherited, method)))
          .forEach(found::add);
    }
    return found;
  }

  private static boolean isOverridden(Method inherited, Method method) {
    Class<?>[] general = inherited.getParameterTypes();
    Class<?>[] own = method.getParameterTypes();
    return inherited.getName().equals(method.getName())
        && general.length == own.length
        && !Modifier.isStatic(inherited.getModifiers())
        && IntStream.range(0, own.length).allMatch(i -> general[i].isAssignableFrom(own[i]));
  }

  private static Stream<Class<?>> supertypes(Class<?> type) {
    return Stream.concat(
            Arrays.stream(type.getInterfaces()), Stream.ofNullable(type.getSuperclass()))
        .flatMap(above -> Stream.concat(Stream.of(above), supertypes(above)));
  }

  /** As messages name a member: {@code Type.method}, or {@code new Type}. */
  private static String where(Executable member) {
    return member instanceof Method
        ? where(member.getDeclaringClass(), member.getName())
        : "new " + name(member.getDeclaringClass());
  }

  private static String where(Class<?> type, String method) {
    return name(type) + "." + method;
  }

  private static String name(Class<?> type) {
    return type.getName().substring(type.getPackageName().length() + 1).replace('$', '.');
  }

  /** The names under which a message may tell a member: its own, and those of its contracts. */
  private static List<String> names(Executable member) {
    return member instanceof Method method && !isSeen(method.getDeclaringClass())
        ? declaring(method, method.getDeclaringClass()).stream()
            .map(type -> where(type, method.getName()))
            .toList()
        : List.of(where(member));
  }

  private static boolean mayHoldNull(AnnotatedType type) {
    Stream<AnnotatedType> held =
        type instanceof AnnotatedArrayType array
            ? Stream.of(array.getAnnotatedGenericComponentType())
            : Arrays.stream(((AnnotatedParameterizedType) type).getAnnotatedActualTypeArguments());
    return held.anyMatch(element -> element.isAnnotationPresent(Nullable.class));
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

  private void check(Executable member, int missing, @Nullable Object instead, String element)
      throws Exception {
    Class<?>[] types = member.getParameterTypes();
    @Nullable Object[] arguments = new Object[types.length];
    for (int i = 0; i < types.length; i++) {
      arguments[i] = i == missing ? instead : blank(types[i]);
    }
    Throwable thrown =
        assertThrows(InvocationTargetException.class, () -> call(member, arguments)).getCause();
    String message = String.valueOf(thrown.getMessage());
    String argument = argument(member.getParameters()[missing]);
    String end = element.isEmpty() ? ";" : element;
    assertTrue(
        thrown instanceof NullPointerException
            && names(member).stream()
                .anyMatch(
                    where ->
                        message.startsWith("argument missing: " + where + ", " + argument + end)),
        () -> "expected " + names(member) + ", " + argument + end + " missing, found " + thrown);
  }

  /** As messages name it: an option's own word, where the code says that it is the new one. */
  private static String argument(Parameter parameter) {
    assertTrue(parameter.isNamePresent(), "compiled without -parameters");
    String name = parameter.getName();
    return name.matches("new[A-Z].*")
        ? Character.toLowerCase(name.charAt(3)) + name.substring(4)
        : name;
  }

  private void call(Executable member, @Nullable Object[] arguments) throws Exception {
    if (member instanceof Method method) {
      boolean free = Modifier.isStatic(method.getModifiers());
      method.setAccessible(true);
      method.invoke(free ? null : blank(method.getDeclaringClass()), arguments);
    } else {
      ((Constructor<?>) member).newInstance(arguments);
    }
  }

  /** An object of a type, made without its constructor. */
  private Object blank(Class<?> type) throws Exception {
    if (type.isPrimitive()) {
      return Array.get(Array.newInstance(type, 1), 0);
    } else if (type == String.class) {
      return "some";
    } else if (type == Number.class) {
      return 1;
    } else if (type == Class.class) {
      return Object.class;
    } else if (type.isArray()) {
      return Array.newInstance(type.getComponentType(), 0);
    } else if (type == List.class || type == Collection.class) {
      return List.of();
    } else if (type == Map.class) {
      return Map.of();
    } else if (type == InputStream.class) {
      return InputStream.nullInputStream();
    } else if (type.isEnum()) {
      return Arrays.asList(type.getEnumConstants()).get(0);
    } else if (type.isSealed()) {
      return blank(type.getPermittedSubclasses()[0]);
    } else if (type.isInterface()) {
      return Proxy.newProxyInstance(
          type.getClassLoader(),
          new Class<?>[] {type},
          (proxy, method, arguments) -> {
            if (method.isDefault()) {
              return InvocationHandler.invokeDefault(proxy, method, arguments);
            }
            throw new AssertionError("called " + method);
          });
    }
    Class<?> unsafe = Class.forName("sun.misc.Unsafe");
    Field instance = unsafe.getDeclaredField("theUnsafe");
    instance.setAccessible(true);
    return unsafe
        .getMethod("allocateInstance", Class.class)
        .invoke(instance.get(null), concrete(type));
  }

  /** A class that has objects: the type's own, or that of what a factory among the types makes. */
  private Class<?> concrete(Class<?> type) throws ReflectiveOperationException {
    if (type == RandomAccessDataset.class) {
      return ArrayDataset.class;
    } else if (!Modifier.isAbstract(type.getModifiers())) {
      return type;
    }
    for (Class<?> other : types) {
      if (type.isAssignableFrom(other) && !Modifier.isAbstract(other.getModifiers())) {
        return other;
      }
      for (Method method : other.getDeclaredMethods()) {
        int modifiers = method.getModifiers();
        if (Modifier.isStatic(modifiers)
            && Modifier.isPublic(modifiers)
            && method.getParameterCount() == 0
            && type.isAssignableFrom(method.getReturnType())) {
          return method.invoke(null).getClass();
        }
      }
    }
    throw new AssertionError("no factory of " + type);
  }
}
