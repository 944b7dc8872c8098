package org.vpns.plugin;

import com.google.common.collect.ImmutableSortedMap;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.vpns.Problem;
import org.vpns.train.Pruner;

/**
 * The pruning methods on the class path by name, those of other modules included.
 *
 * <pre>{@code
 * Pruner pruner = NamedPruners.load().get("hydra");
 * }</pre>
 */
public final class NamedPruners {
  private static final Pattern NAME = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

  private final ImmutableSortedMap<String, Supplier<Pruner>> factories;

  private NamedPruners(Map<String, Supplier<Pruner>> factories) {
    this.factories = ImmutableSortedMap.copyOf(factories);
  }

  /**
   * Asks all providers.
   *
   * @throws IllegalStateException if two providers use one name, or a name has another form
   */
  public static NamedPruners load() {
    Map<String, Supplier<Pruner>> found = new TreeMap<>();
    Map<String, String> owners = new TreeMap<>();
    for (PrunerProvider provider : ServiceLoader.load(PrunerProvider.class)) {
      String owner = provider.getClass().getName();
      Problem.givenEach(provider.pruners(), owner, "what PrunerProvider.pruners gives")
          .forEach(
              (name, factory) -> {
                if (!NAME.matcher(name).matches()) {
                  throw Problem.state(
                      "name of a pruner has another form",
                      owner,
                      "lower-case letters, digits and hyphens",
                      "'" + name + "'",
                      "rename it");
                }
                String other = owners.put(name, owner);
                if (other != null) {
                  throw Problem.state(
                      "two pruners of one name",
                      "'" + name + "'",
                      "one provider",
                      other + " and " + owner,
                      "rename one");
                }
                found.put(name, factory);
              });
    }
    return new NamedPruners(found);
  }

  /** All names, sorted. */
  public SortedSet<String> names() {
    return factories.keySet();
  }

  /**
   * The method of a name, with its defaults.
   *
   * @throws IllegalArgumentException if there is none; lists the names
   */
  public Pruner get(String name) {
    Problem.given(name, "NamedPruners.get", "name");
    Supplier<Pruner> factory = factories.get(name);
    if (factory == null) {
      throw Problem.argument(
          "no pruner of this name",
          "'" + name + "'",
          "one of " + factories.keySet(),
          "none",
          nearest(name)
              + "check the spelling, and that the module which brings it is on the class path");
    }
    return Problem.given(factory.get(), "'" + name + "'", "what its provider gives");
  }

  /** A question after the nearest name, if one is as near as a slip of the keys. */
  private String nearest(String name) {
    return names().stream()
        .filter(known -> distance(name, known) <= Math.max(1, known.length() / 3))
        .min(Comparator.comparingInt(known -> distance(name, known)))
        .map(known -> "did you mean '" + known + "'? otherwise ")
        .orElse("");
  }

  /** Letters to insert, remove or replace; case and underscores do not count. */
  private static int distance(String typed, String known) {
    String from = typed.toLowerCase(Locale.ROOT).replace('_', '-');
    int[] row = IntStream.rangeClosed(0, known.length()).toArray();
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= known.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == known.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[known.length()];
  }

  @Override
  public String toString() {
    return "pruners " + String.join(", ", names());
  }
}
