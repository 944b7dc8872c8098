package org.vpns.examples.mutation;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * All readers of files. TorchScript modules are left out where they run: they are programs, and
 * what PyTorch does with a broken one is not promised.
 */
final class Doors implements AutoCloseable {
  private final List<DoorGroup> groups;

  /**
   * @param folder for the files of the runs that samples are made by
   */
  Doors(Path folder) throws IOException {
    groups =
        List.of(
            new NetworkDoors(folder),
            new WeightDoors(folder),
            new RunDoors(folder),
            new ImageDoors(folder),
            new StoredDoors(folder));
  }

  List<Door> list() {
    return groups.stream().flatMap(group -> group.list().stream()).toList();
  }

  @Override
  public void close() throws Exception {
    for (DoorGroup group : groups) {
      group.close();
    }
  }
}
