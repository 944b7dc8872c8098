package org.vpns.internal.text;

import com.google.common.collect.ImmutableList;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/** Names by which predictions tell classes apart. */
public final class ClassNames {
  /** Characters of a name; more are read of no file. */
  private static final int LONGEST = 1 << 16;

  private ClassNames() {}

  /**
   * Names as they were given, copied.
   *
   * @param where type and method that takes them
   * @param argument what it calls them
   * @throws IllegalArgumentException if one is blank, has a control character or half a character,
   *     is too long, or occurs twice
   */
  public static ImmutableList<String> require(List<String> names, String where, String argument) {
    Problem.givenEach(names, where, argument);
    ImmutableList<String> copy = ImmutableList.copyOf(names);
    Fault fault = fault(copy);
    if (fault != null) {
      throw Problem.argument(
          fault.what(), where + ", " + argument, Fault.EXPECTED, fault.found(), Fault.REMEDY);
    }
    return copy;
  }

  /**
   * What is wrong with names.
   *
   * @param what is wrong, such as {@code class name twice}
   * @param found the name, and the numbers of its classes
   */
  public record Fault(String what, String found) {
    /** What names should be, for messages. */
    public static final String EXPECTED = "distinct names that can be seen";

    /** What to do, for messages. */
    public static final String REMEDY = "rename one of the classes";
  }

  /** The first fault of names; null if there is none. */
  public static @Nullable Fault fault(List<String> names) {
    Map<String, Integer> known = new HashMap<>();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      if (name.isBlank()) {
        return new Fault("class name is blank", "'" + name + "' for class " + i);
      }
      if (name.length() > LONGEST) {
        return new Fault("class name too long", name.length() + " characters for class " + i);
      }
      if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
        // a file would have a question mark in its place
        return new Fault("class name with half a character", "'" + name + "' for class " + i);
      }
      if (!name.equals(Problem.visible(name))) {
        // predictions are printed as they are
        return new Fault("class name with a control character", "'" + name + "' for class " + i);
      }
      // one accented letter, or a letter and its accent, are seen as the same
      Integer before = known.putIfAbsent(Normalizer.normalize(name, Normalizer.Form.NFC), i);
      if (before != null) {
        return new Fault("class name twice", "'" + name + "' for classes " + before + " and " + i);
      }
    }
    return null;
  }
}
