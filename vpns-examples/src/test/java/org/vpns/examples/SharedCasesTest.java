package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.testing.SharedData;

/** Files on which a reader was wrong once stay with the tests that say what is right. */
final class SharedCasesTest {
  @ParameterizedTest
  @ValueSource(strings = {"cases/onnx", "cases/torch"})
  void eachCase_isAResourceOfSomeTest(String folder) throws IOException {
    List<Path> resources = new ArrayList<>();
    try (Stream<Path> modules = Files.list(Snippets.ROOT)) {
      for (Path module : modules.toList()) {
        Path here = module.resolve("src/test/resources");
        if (Files.isDirectory(here)) {
          try (Stream<Path> files = Files.walk(here)) {
            files.filter(Files::isRegularFile).forEach(resources::add);
          }
        }
      }
    }
    List<Path> missing = new ArrayList<>();
    List<Path> cases;
    try (Stream<Path> files = Files.list(SharedData.require(folder))) {
      cases = files.toList();
    }
    for (Path file : cases) {
      boolean found = false;
      for (Path resource : resources) {
        found |=
            String.valueOf(resource.getFileName()).equals(String.valueOf(file.getFileName()))
                && Files.mismatch(resource, file) < 0;
      }
      if (!found) {
        missing.add(file);
      }
    }
    assertThat(cases).isNotEmpty();
    assertThat(missing).isEmpty();
  }
}
