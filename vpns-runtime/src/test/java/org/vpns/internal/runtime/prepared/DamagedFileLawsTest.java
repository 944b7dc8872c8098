package org.vpns.internal.runtime.prepared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.vpns.io.FormatException;

/** Files that became others on their way. */
class DamagedFileLawsTest {
  private static Path folder = Path.of("");
  private static byte[] good = {};

  @BeforeContainer
  static void save() throws IOException {
    folder = Files.createTempDirectory("prepared");
    PreparedResult.save(folder, 3);
    good = Files.readAllBytes(folder.resolve(PreparedFile.name()));
  }

  @AfterContainer
  static void delete() throws IOException {
    MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
  }

  @Property(tries = 300)
  void read_ofAFileWithOtherBytes_isRefused(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int bytes) throws IOException {
    write(damaged(seed, bytes));

    assertThatExceptionOfType(FormatException.class).isThrownBy(() -> PreparedFile.read(folder));
    assertThat(PreparedFile.find(folder)).isEmpty();
  }

  @Property(tries = 300)
  void read_ofAPartOfAFile_isRefused(@ForAll long seed) throws IOException {
    write(Arrays.copyOf(good, new Random(seed).nextInt(good.length)));

    assertThatExceptionOfType(FormatException.class).isThrownBy(() -> PreparedFile.read(folder));
    assertThat(PreparedFile.find(folder)).isEmpty();
  }

  /** Who writes a wrong file on purpose makes its checksum right. */
  @Property(tries = 1000)
  void read_ofAWrongFileWithItsChecksum_givesAResultOrIsRefused(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int bytes) throws IOException {
    write(PreparedResult.sealed(damaged(seed, bytes)));

    try {
      assertThat(PreparedFile.read(folder).program().steps()).doesNotContainNull();
    } catch (FormatException e) {
      assertThat(e).hasMessageContaining(PreparedFile.REMEDY);
    }
  }

  /** Some bytes near each other: half of the times among the first, which are not all numbers. */
  private static byte[] damaged(long seed, int bytes) {
    Random random = new Random(seed);
    byte[] content = good.clone();
    int room = content.length - 4 - bytes;
    int first = random.nextInt(random.nextBoolean() ? room : Math.min(room, 2000));
    for (int i = 0; i < bytes; i++) {
      content[first + i] ^= (byte) (1 + random.nextInt(255));
    }
    return content;
  }

  private static void write(byte[] content) throws IOException {
    Files.write(folder.resolve(PreparedFile.name()), content);
  }
}
