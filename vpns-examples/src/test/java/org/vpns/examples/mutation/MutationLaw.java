package org.vpns.examples.mutation;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Problem;
import org.vpns.Seeds;

/**
 * What holds of every reader and every file: a result that can be used, or a documented exception
 * in words for a terminal. A model that was given is as it was after a refusal, no array stays, and
 * no file.
 */
final class MutationLaw implements AutoCloseable {
  private static final int SEED = 20261128;

  /** Against hanging alone; the machine may be busy. */
  private static final long GUARD_SECONDS = 120;

  private final Path folder;
  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "mutations");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param folder where files of the case under way lie; those of a failed one stay there
   */
  MutationLaw(Path folder) {
    this.folder = folder;
  }

  @Override
  public void close() {
    worker.shutdownNow();
  }

  /** Whether the reader refuses the case's files. */
  boolean refuses(Door door, int number) throws Exception {
    RandomGenerator random = new Seeds(SEED).stream(door.name() + " " + number);
    Path place = folder.resolve(door.name() + "-" + number);
    Map<String, byte[]> files = door.damaged(random);
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path path = place.resolve("in").resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
    Files.createDirectories(place.resolve("out"));
    boolean refused;
    try {
      refused =
          worker.submit(() -> refuses(door, place, random)).get(GUARD_SECONDS, TimeUnit.SECONDS);
      assertThat(names(place.resolve("in"))).as("files").isEqualTo(new TreeSet<>(files.keySet()));
    } catch (ExecutionException | AssertionError e) {
      Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
      throw new AssertionError(
          door.name() + ", case " + number + ", " + place + ": " + cause, cause);
    } catch (TimeoutException e) {
      throw new AssertionError(door.name() + ", case " + number + ", " + place + " hangs", e);
    }
    MoreFiles.deleteRecursively(place, RecursiveDeleteOption.ALLOW_INSECURE);
    return refused;
  }

  private static Set<String> names(Path place) throws IOException {
    try (Stream<Path> all = Files.walk(place)) {
      Set<String> names = new TreeSet<>();
      all.filter(Files::isRegularFile)
          .forEach(file -> names.add(place.relativize(file).toString().replace('\\', '/')));
      return names;
    }
  }

  private static boolean refuses(Door door, Path place, RandomGenerator random) throws Exception {
    Model model = door.model();
    Map<NDArray, float[]> before = values(model);
    boolean refused = false;
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      Door.Use result = null;
      try {
        result = door.reading().read(place.resolve("in"), random);
      } catch (Exception e) {
        if (door.documented().stream().noneMatch(type -> type.isInstance(e))) {
          throw e;
        }
        refused = true;
        requireReadable(String.valueOf(e.getMessage()));
        values(model)
            .forEach(
                (array, values) ->
                    assertThat(values).as("model given").isEqualTo(before.get(array)));
      }
      try (Door.Use use = result) {
        if (use != null) {
          use.use(place.resolve("out"));
        }
      } catch (Refused e) {
        refused = true;
      }
      before.keySet().forEach(NDScope::unregister);
      assertThat(open(scope)).as("arrays left").isEmpty();
    }
    before.forEach(NDArray::set);
    return refused;
  }

  /** Not a refusal of a reader, but one that a use may give too. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    Refused(Exception cause) {
      super(cause);
      requireReadable(String.valueOf(cause.getMessage()));
    }
  }

  private static void requireReadable(String message) {
    assertThat(message.lines()).as("lines of " + message).hasSizeLessThanOrEqualTo(35);
    assertThat(message).hasSizeBetween(10, 8000);
    // line ends are the reader's own: lists have one item a line
    assertThat(message.replace('\n', ' ')).isEqualTo(Problem.visible(message));
  }

  private static Map<NDArray, float[]> values(@org.jspecify.annotations.Nullable Model model) {
    Map<NDArray, float[]> values = new IdentityHashMap<>();
    if (model != null) {
      for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
        NDArray array = p.parameter().getArray();
        values.put(array, array.toFloatArray());
      }
    }
    return values;
  }

  /** Arrays that were made in this scope and are still there. */
  private static List<NDArray> open(NDScope scope) throws ReflectiveOperationException {
    Field field = NDScope.class.getDeclaredField("resources");
    field.setAccessible(true); // no other way to see them
    return ((Map<?, ?>) field.get(scope))
        .keySet().stream().map(NDArray.class::cast).filter(array -> !array.isReleased()).toList();
  }
}
