package org.vpns.examples;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.vpns.Problem;

/** What an option names, among all that it may name. */
public final class Names {
  private Names() {}

  /**
   * The one of a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static <T> T one(String option, Map<String, T> all, String name) {
    T named = all.get(name);
    if (named == null) {
      throw Problem.argument(
          "unknown name", option, all.keySet(), "'" + name + "'", "check the spelling");
    }
    return named;
  }

  /**
   * What an option lists.
   *
   * @throws IllegalArgumentException if it lists nothing, or something twice
   */
  public static <T> List<T> listed(String option, List<T> values) {
    if (values.isEmpty()) {
      throw Problem.argument("nothing listed", option, "at least one", "none", "name one");
    }
    Set<T> seen = new HashSet<>();
    for (T value : values) {
      if (!seen.add(value)) {
        throw Problem.argument(
            "listed twice", option, "each once", "'" + value + "'", "leave one out");
      }
    }
    return values;
  }

  /**
   * Several, in the order of their names.
   *
   * @throws IllegalArgumentException if there is none of a name, or the option lists none, or one
   *     twice
   */
  public static <T> Map<String, T> each(String option, Map<String, T> all, List<String> names) {
    Map<String, T> named = new LinkedHashMap<>();
    for (String name : listed(option, names)) {
      named.put(name, one(option, all, name));
    }
    return named;
  }
}
