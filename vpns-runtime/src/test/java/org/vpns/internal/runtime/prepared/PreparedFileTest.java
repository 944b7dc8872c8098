package org.vpns.internal.runtime.prepared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.internal.runtime.kernel.Step;
import org.vpns.internal.runtime.kernel.Wide;
import org.vpns.io.FormatException;

/** Which files are taken, and what is said of the others. */
class PreparedFileTest {
  @TempDir private Path folder;
  private Path file;
  private byte[] good;

  @BeforeEach
  void save() throws Exception {
    PreparedResult.save(folder, 1);
    file = folder.resolve(PreparedFile.name());
    good = Files.readAllBytes(file);
  }

  @Test
  void find_ofAWholeFile_hasTheResult() {
    Prepared found = PreparedFile.find(folder).orElseThrow();

    assertThat(found.description().classNames()).isEqualTo(PreparedResult.NAMES);
    assertThat(found.image()).isEqualTo(PreparedResult.IMAGE);
    assertThat(found.picture()).isNull();
    assertThat(found.program().outputs()).isEqualTo(10);
  }

  @Test
  void find_withoutAFile_isEmpty() throws Exception {
    Files.delete(file);

    assertThat(PreparedFile.find(folder)).isEmpty();
  }

  @Test
  void read_ofAnotherResult_saysWhichFilesDiffer() throws Exception {
    PreparedResult.save(folder, 2);
    Files.write(file, good);

    refused("prepared form of another result", "weights.safetensors", "masks.vpns");
  }

  @Test
  void read_ofAForeignFile_saysSo() throws Exception {
    for (String text : List.of("", "{}", "a file that is as long as a header, and longer")) {
      Files.writeString(file, text);

      refused("no prepared form");
    }
  }

  @Test
  void read_ofAFileForOtherVectors_saysForWhich() throws Exception {
    good[12] = (byte) (2 * Wide.LANES);
    Files.write(file, PreparedResult.sealed(good));

    refused("prepared form for other vectors", "found " + 2 * Wide.LANES + " floats");
  }

  @Test
  void read_ofAnotherVersion_saysSo() throws Exception {
    for (int at : new int[] {8, 16}) { // the version, and what records consist of
      byte[] other = good.clone();
      other[at]++;
      Files.write(file, PreparedResult.sealed(other));

      refused("prepared form of another version of vpns", PreparedFile.REMEDY);
    }
  }

  /** Who can write the file can write its checksum. */
  @Test
  void read_ofClassesThatModelJsonCouldNotHave_isRefused() throws Exception {
    rename("class 1", "class 0");
    refused("prepared form damaged", "class name twice, 'class 0' for classes 0 and 1");
    rename("class 1", "class\t1");
    refused("prepared form damaged", "class name with a control character");
  }

  private void rename(String name, String other) throws Exception {
    String text = new String(good, StandardCharsets.ISO_8859_1);
    byte[] renamed = text.replace(name, other).getBytes(StandardCharsets.ISO_8859_1);
    assertThat(renamed).isNotEqualTo(good);
    Files.write(file, PreparedResult.sealed(renamed));
  }

  @Test
  void read_ofAFileThatGoesOn_isRefused() throws Exception {
    byte[] longer = new byte[good.length + 8];
    System.arraycopy(good, 0, longer, 0, good.length);
    Files.write(file, longer);
    refused("prepared form damaged", "CRC-32C");

    Files.write(file, PreparedResult.sealed(longer));
    refused("prepared form damaged", "expected the end, found 8 more bytes");
  }

  @Test
  void read_ofALinkToOutside_isRefused(@TempDir Path elsewhere) throws Exception {
    Path other = elsewhere.resolve("other.sparse");
    Files.move(file, other);
    Files.createSymbolicLink(file, other);

    assertThatIOException()
        .isThrownBy(() -> PreparedFile.read(folder))
        .withMessageContaining("leads elsewhere");
    assertThat(PreparedFile.find(folder)).isEmpty();
  }

  /** A kind that is missing could not be written. */
  @Test
  void steps_areAllThatThereAre() throws Exception {
    Path classes =
        Path.of(Components.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<Class<?>> found = new ArrayList<>();
    for (String part : List.of("kernel", "plan")) {
      String name = "org.vpns.internal.runtime." + part;
      try (Stream<Path> files = Files.list(classes.resolve(name.replace('.', '/')))) {
        for (Path path : files.filter(p -> p.toString().endsWith(".class")).toList()) {
          String simple = path.getFileName().toString().replace(".class", "");
          Class<?> type = Class.forName(name + '.' + simple);
          if (Step.class.isAssignableFrom(type) && !type.isInterface()) {
            found.add(type);
          }
        }
      }
    }

    assertThat(found).hasSizeGreaterThan(10).containsExactlyInAnyOrderElementsOf(Components.STEPS);
  }

  private void refused(String... words) {
    assertThatExceptionOfType(FormatException.class)
        .isThrownBy(() -> PreparedFile.read(folder))
        .satisfies(e -> assertThat(e).message().contains(words));
    assertThat(PreparedFile.find(folder)).isEmpty();
  }
}
