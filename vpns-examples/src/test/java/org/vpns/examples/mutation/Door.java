package org.vpns.examples.mutation;

import ai.djl.Model;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A reader, and files that it reads.
 *
 * @param samples each a folder's files, by name
 * @param share how many of its tries there are for each of a door of share 1
 * @param repair makes checksums of damaged files right
 * @param documented the exceptions that its Javadoc names
 * @param model the one that is given to it, if any; a refusal leaves it as it was
 */
record Door(
    String name,
    List<Map<String, byte[]>> samples,
    double share,
    UnaryOperator<Map<String, byte[]>> repair,
    Set<Class<? extends Exception>> documented,
    @Nullable Model model,
    Reading reading) {

  /** Reads what lies in a folder. */
  interface Reading {
    /**
     * Reads; the options are drawn at random.
     *
     * @return what the result is used for, once reading is over
     */
    Use read(Path folder, RandomGenerator random) throws Exception;
  }

  /** Uses a result a little; closing lets it go. */
  interface Use extends AutoCloseable {
    /**
     * One pass, one save.
     *
     * @param out a folder to write into
     */
    void use(Path out) throws Exception;

    @Override
    default void close() {}
  }

  /** How many cases it has where a door of share 1 has so many. */
  int tries(int each) {
    return (int) Math.max(1, Math.round(each * share));
  }

  /** The files with one to three pieces of damage; in one of two cases with right checksums. */
  Map<String, byte[]> damaged(RandomGenerator random) {
    Map<String, byte[]> files = new LinkedHashMap<>(samples.get(random.nextInt(samples.size())));
    List<String> names = List.copyOf(files.keySet());
    for (int i = Math.max(1, random.nextInt(-2, 4)); i > 0; i--) {
      files.computeIfPresent(
          names.get(random.nextInt(names.size())),
          (name, bytes) -> Structure.damage(name, bytes, random));
    }
    return random.nextInt(4) > 0 ? repair.apply(files) : files;
  }
}
