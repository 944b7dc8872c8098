package org.vpns;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import ai.djl.nn.SymbolBlock;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The one form of every error message: {@code <what is wrong>: <where>; expected <expected>, found
 * <found>; <remedy>.}
 */
public final class Problem {
  private static final int MOST_TYPED = 256;

  /** Longest part of a message: names and texts of files may be as long as their writer likes. */
  private static final int MOST_SHOWN = 1500;

  /** Of a name in a list: characters. */
  private static final int MOST_OF_A_NAME = 200;

  private Problem() {}

  /**
   * The message alone, for exceptions of other types. A part that is very long loses its middle.
   */
  public static String message(
      String what, String where, Object expected, @Nullable Object found, String remedy) {
    return visible(
        shown(what)
            + ": "
            + shown(where)
            + "; expected "
            + shown(expected)
            + ", found "
            + shown(found)
            + "; "
            + shown(remedy)
            + ".");
  }

  private static String shown(@Nullable Object part) {
    return shown(String.valueOf(part), MOST_SHOWN);
  }

  /** Beginning and end of what is too long for a message. */
  private static String shown(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    int from = most / 2;
    int to = text.length() - most / 2;
    // no half of a character of two
    from -= Character.isHighSurrogate(text.charAt(from - 1)) ? 1 : 0;
    to += Character.isLowSurrogate(text.charAt(to)) ? 1 : 0;
    return text.substring(0, from)
        + " ... ("
        + text.length()
        + " characters) ... "
        + text.substring(to);
  }

  /**
   * A text from outside as one line that is safe on a terminal: line breaks and tabs are spaces,
   * and whatever else would be acted upon rather than shown (escape sequences, marks that turn the
   * direction of writing) stands as an escape such as {@code \\u001b}.
   */
  public static String visible(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n' || c == '\r' || c == '\t') {
        shown.append(' ');
      } else if (isActedUpon(c) || isHalf(text, i)) {
        shown.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        shown.append(c);
      }
    }
    return shown.toString();
  }

  /** Half of a character of two, which a terminal or a file shows as any other. */
  private static boolean isHalf(String text, int index) {
    char c = text.charAt(index);
    return Character.isHighSurrogate(c)
        ? index + 1 == text.length() || !Character.isLowSurrogate(text.charAt(index + 1))
        : Character.isLowSurrogate(c)
            && (index == 0 || !Character.isHighSurrogate(text.charAt(index - 1)));
  }

  private static boolean isActedUpon(char c) {
    return Character.isISOControl(c)
        || c == 0x2028 // line and paragraph separator
        || c == 0x2029
        || c == 0x061c // directions
        || c == 0x200e
        || c == 0x200f
        || (c >= 0x202a && c <= 0x202e)
        || (c >= 0x2066 && c <= 0x2069);
  }

  /** A bad argument. */
  public static IllegalArgumentException argument(
      String what, String where, Object expected, @Nullable Object found, String remedy) {
    return new IllegalArgumentException(message(what, where, expected, found, remedy));
  }

  /** A wrong order of calls, or options that contradict each other. */
  public static IllegalStateException state(
      String what, String where, Object expected, @Nullable Object found, String remedy) {
    return new IllegalStateException(message(what, where, expected, found, remedy));
  }

  /**
   * Names in a message: the first {@code most}, and how many more there are. One that is very long
   * loses its middle.
   */
  public static String listed(List<String> names, int most) {
    String first =
        names.stream()
            .limit(most)
            .map(name -> shown(name, MOST_OF_A_NAME))
            .collect(Collectors.joining(", "));
    return names.size() <= most ? first : first + " and " + (names.size() - most) + " more";
  }

  /**
   * The candidate of which a name may be a misspelling; null if none is near, or the name is longer
   * than anybody types.
   */
  public static @Nullable String nearest(String name, Collection<String> candidates) {
    if (name.length() > MOST_TYPED) {
      return null;
    }
    String best = null;
    // further away than half its length a name is no likely misspelling
    int bestDistance = name.length() / 2;
    for (String candidate : candidates) {
      if (Math.abs(candidate.length() - name.length()) < bestDistance) {
        int distance = distance(name, candidate);
        if (distance < bestDistance) {
          bestDistance = distance;
          best = candidate;
        }
      }
    }
    return best;
  }

  /** Levenshtein distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }

  /**
   * An argument that must not be null, as it was given.
   *
   * @param where type and method, such as {@code Trainer.fit}
   * @param name of the argument, such as {@code model}
   * @throws NullPointerException if it is null
   */
  public static <T> T given(@Nullable T argument, String where, String name) {
    if (argument == null) {
      throw new NullPointerException(
          message(
              "argument missing",
              where + ", " + name,
              "a value",
              "null",
              "pass one that is not null"));
    }
    return argument;
  }

  /**
   * Arguments in a collection: neither that nor an element may be null.
   *
   * @throws NullPointerException naming the first that is null, as {@code names[1]}
   */
  public static <C extends Collection<?>> C givenEach(
      @Nullable C arguments, String where, String name) {
    C all = given(arguments, where, name);
    int i = 0;
    for (Object argument : all) {
      givenAt(i, argument, where, name);
      i++;
    }
    return all;
  }

  /**
   * Arguments by name: neither the map nor a name nor a value may be null.
   *
   * @throws NullPointerException naming the first that is null, as {@code masks[fc.weight]}
   */
  public static <M extends Map<?, ?>> M givenEach(
      @Nullable M arguments, String where, String name) {
    M all = given(arguments, where, name);
    for (Map.Entry<?, ?> entry : all.entrySet()) {
      givenAt("null", entry.getKey(), where, name);
      givenAt(entry.getKey(), entry.getValue(), where, name);
    }
    return all;
  }

  /**
   * Arguments of which neither the array nor an element may be null, as they were given.
   *
   * @throws NullPointerException naming the first that is null, as {@code stages[1]}
   */
  public static <T> T[] givenEach(T @Nullable [] arguments, String where, String name) {
    T[] all = given(arguments, where, name);
    for (int i = 0; i < all.length; i++) {
      givenAt(i, all[i], where, name);
    }
    return all;
  }

  /** The name is put together for what is missing alone: arguments may be many. */
  private static void givenAt(Object at, @Nullable Object argument, String where, String name) {
    if (argument == null) {
      given(argument, where, name + "[" + at + "]");
    }
  }

  /**
   * Says that the calling thread moves a model's weights, until what this gives is run: to every
   * other thread {@code open} refuses the model, and blocks that hold parameters of it.
   *
   * @param what moves them, such as {@code run of VPNs 0.99}
   * @throws IllegalStateException if something moves them already
   */
  public static Runnable changing(Model model, String what) {
    given(model, "Problem.changing", "model");
    given(what, "Problem.changing", "what");
    return Changing.begin(model, what);
  }

  /**
   * A model that must be open, as it was given: the engine's own words for one that was closed name
   * nothing. Nor may another thread be {@linkplain #changing changing} it, whose weights would be
   * seen half-way.
   *
   * @throws IllegalStateException if it was closed, another thread is changing it, or its engine
   *     shows no parameters
   */
  public static Model open(Model model) {
    given(model, "Problem.open", "model");
    if (!model.getNDManager().isOpen()) {
      throw closed(
          "model '" + model.getName() + "'", "a model that is open", "one that was closed");
    }
    String where = "model '" + model.getName() + "'";
    if (model.getBlock() instanceof SymbolBlock whole) {
      BlockParameters.of(whole, where);
    }
    requireStill(model.getBlock(), where);
    return model;
  }

  private static void requireStill(@Nullable Block block, String where) {
    String change = Changing.elsewhere(block);
    if (change != null) {
      throw state(
          "network in training on another thread",
          where,
          "one that no run is changing",
          change + " under way",
          "wait until it has ended, or work on a copy of the network");
    }
  }

  /**
   * A network whose arrays must be open, as it was given. Nor may another thread be {@linkplain
   * #changing changing} it.
   *
   * @param where type and method, such as {@code BlockTracer.trace}
   * @throws IllegalStateException if they were closed, another thread is changing them, or its
   *     engine shows none
   */
  public static Block open(Block block, String where) {
    given(block, "Problem.open", "block");
    given(where, "Problem.open", "where");
    BlockParameters.of(block, where)
        .forEach(
            entry -> {
              if (entry.getValue().isInitialized()) {
                open(entry.getValue().getArray(), where);
              }
            });
    requireStill(block, where);
    return block;
  }

  /**
   * An array that must be open, as it was given.
   *
   * @param where as {@link #open(Block, String)}
   * @throws IllegalStateException if what holds it was closed
   */
  public static NDArray open(NDArray array, String where) {
    given(array, "Problem.open", "array");
    given(where, "Problem.open", "where");
    if (!array.getManager().isOpen()) {
      throw closed(where, "a network that is open", "one that was closed with what holds it");
    }
    return array;
  }

  private static IllegalStateException closed(String where, String expected, String found) {
    return state("use after close", where, expected, found, "close it after its last use");
  }
}
