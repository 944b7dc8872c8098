package org.vpns.examples.mutation;

import ai.djl.Model;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.vpns.examples.mutation.Door.Reading;

/** Readers of one kind of file. */
abstract class DoorGroup implements AutoCloseable {
  /** More than that a network is not run on, and is not read out of a file's promise. */
  static final long MAX_VALUES = 1 << 20;

  final Path folder;
  final List<AutoCloseable> owned = new ArrayList<>();
  private final List<Door> doors = new ArrayList<>();

  /**
   * @param folder for the files of the runs that samples are made by
   */
  DoorGroup(Path folder) {
    this.folder = folder;
  }

  List<Door> list() {
    return doors;
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable each : owned) {
      each.close();
    }
  }

  @SafeVarargs
  final void add(
      String name,
      double share,
      List<Map<String, byte[]>> samples,
      Reading reading,
      Class<? extends Exception>... documented) {
    add(name, share, samples, files -> files, null, reading, documented);
  }

  @SafeVarargs
  final void add(
      String name,
      double share,
      List<Map<String, byte[]>> samples,
      UnaryOperator<Map<String, byte[]>> repair,
      @Nullable Model model,
      Reading reading,
      Class<? extends Exception>... documented) {
    doors.add(new Door(name, samples, share, repair, Set.of(documented), model, reading));
  }

  final Model owned(Model model) {
    owned.add(model);
    return model;
  }

  static List<Map<String, byte[]>> alone(String name, byte[]... contents) {
    return java.util.Arrays.stream(contents).map(bytes -> Map.of(name, bytes)).toList();
  }

  /** A result says in words what it is. */
  static void requireText(Object result) {
    if (result.toString().isBlank()) {
      throw new AssertionError("no text");
    }
  }
}
