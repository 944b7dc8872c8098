package org.vpns.study.data;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.io.FormatException;
import org.vpns.train.ImageSets;

/** Classes that no prediction could name. */
final class BlankClassTest {
  @TempDir private Path root;

  @Test
  void blankName_isRefusedWhereItIsGiven() throws IOException {
    List<String> names = List.of("cat", " ");
    ImageTable table =
        ImageTable.of("t", 1, 1, 1, new float[1][1], new int[1], List.of("cat", "dog"));
    try (NDManager manager = NDManager.newBaseManager()) {
      List<ThrowingCallable> calls =
          List.of(
              () -> ImageTable.of("t", 1, 1, 1, new float[1][1], new int[1], names),
              () -> ClassFolders.read(root, 3, 2, 2, names),
              () -> StoredImages.classFolders(root, names),
              () -> CifarRecords.read("c", names, List.of(root.resolve("test.bin"))),
              () -> ImageSets.of(table.toDataset(manager), 2).classNames(names));
      for (ThrowingCallable call : calls) {
        assertThatIllegalArgumentException()
            .isThrownBy(call)
            .withMessageStartingWith("class name is blank: ")
            .withMessageContaining("found ' ' for class 1; ");
      }
    }
  }

  @Test
  void blankFolder_isRefused() throws IOException {
    Files.createDirectory(root.resolve(" "));
    Files.createDirectory(root.resolve("cat"));
    List<ThrowingCallable> calls =
        List.of(() -> ClassFolders.read(root, 3, 2, 2), () -> StoredImages.classFolders(root));
    for (ThrowingCallable call : calls) {
      assertThatThrownBy(call)
          .isInstanceOf(FormatException.class)
          .hasMessageStartingWith("class name is blank: " + root + "; ")
          .hasMessageContaining("found ' ' for class 0; ");
    }
  }
}
