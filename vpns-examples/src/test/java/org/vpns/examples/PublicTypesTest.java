package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A type is public only if a program names it. */
class PublicTypesTest {
  private static final Path EXAMPLES = Snippets.ROOT.resolve("vpns-examples/src");
  private static final Pattern UNREAD =
      Pattern.compile("(?s)/\\*.*?\\*/|//[^\n]*|\nimport [^\n]*|\"(\\\\.|[^\"\\\\\n])*\"");

  /** Types that a user's program can name, as they are listed. */
  static List<String> listed() throws IOException {
    try (InputStream in = PublicTypesTest.class.getResourceAsStream("public-types.txt")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .toList();
    }
  }

  /** Programs are the examples, and the projects of users that the build runs. */
  @Test
  void everyListedType_isNamedByAProgram() throws IOException {
    Set<String> words = new TreeSet<>();
    for (String root : List.of("main/java", "it")) {
      try (Stream<Path> files = Files.walk(EXAMPLES.resolve(root))) {
        for (Path file : files.filter(PublicTypesTest::isProgram).toList()) {
          String code = UNREAD.matcher(Files.readString(file)).replaceAll(" ");
          words.addAll(List.of(code.split("\\W+")));
        }
      }
    }

    assertThat(listed())
        .filteredOn(type -> !words.contains(type.substring(type.lastIndexOf('.') + 1)))
        .isEmpty();
  }

  private static boolean isProgram(Path file) {
    return file.toString().endsWith(".java") && !file.toString().contains("/bench/");
  }
}
