package org.vpns.study;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.network.Engines;
import org.vpns.internal.run.Failures;
import org.vpns.train.ImageSets;

/** The images of a task and seed, read when they are first asked for. */
final class StudySource implements AutoCloseable {
  private final StudyTask task;
  private final long seed;
  private final NDManager manager = Engines.newManager("images of a study");
  private @Nullable ImageSets images;

  /** Those of a cell. */
  StudySource(Study.Cell<?> cell) {
    task = cell.task();
    seed = cell.run().seed();
  }

  /** How many images a cell trains on; 1 where they cannot be read, as its run will tell. */
  static long size(Study.Cell<?> cell) {
    try (StudySource source = new StudySource(cell)) {
      return source.images().train().size();
    } catch (IOException | RuntimeException e) {
      return 1;
    } catch (Error e) {
      if (Failures.endsAll(e)) {
        throw e;
      }
      return 1;
    }
  }

  boolean isOf(Study.Cell<?> cell) {
    return cell.task() == task && cell.run().seed() == seed;
  }

  ImageSets images() throws IOException {
    ImageSets read = images;
    if (read == null) {
      read =
          Problem.given(
              task.images(seed, manager), "task " + task.name(), "what StudyTask.images gives");
      images = read;
    }
    return read;
  }

  @Override
  public void close() {
    manager.close();
  }
}
