package org.vpns.examples;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
   * Several, in the order of their names.
   *
   * @throws IllegalArgumentException if there is none of a name, or a name stands there twice
   */
  public static <T> Map<String, T> each(String option, Map<String, T> all, List<String> names) {
    Map<String, T> named = new LinkedHashMap<>();
    for (String name : names) {
      if (named.put(name, one(option, all, name)) != null) {
        throw Problem.argument(
            "name twice", option, "each once", "'" + name + "'", "leave one out");
      }
    }
    return named;
  }
}
