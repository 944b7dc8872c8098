package org.vpns.examples.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.hash.Hashing;
import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.io.FormatException;
import org.vpns.study.data.ImageTable;

/** The files that ship with the examples. Counts were taken from the original files. */
class PackagedImagesTest {
  @TempDir Path folder;

  @Test
  void fashionTrain_packaged_holdsTheFirst16000() {
    ImageTable table = FashionMnist.train();

    assertThat(table).hasToString("fashion-mnist: 16,000 images of 1 x 28 x 28, 10 classes");
    assertThat(table.counts())
        .containsExactly(1546, 1635, 1579, 1612, 1571, 1591, 1646, 1594, 1588, 1638);
    // The set's first training image is an ankle boot; its first row is empty.
    assertThat(table.classNames().get(table.label(0))).isEqualTo("ankle boot");
    assertThat(Arrays.copyOf(table.image(0), 28)).containsOnly(0f);
  }

  @Test
  void fashionTest_packaged_holdsTheFirst2000() {
    ImageTable table = FashionMnist.test();

    assertThat(table).hasToString("fashion-mnist: 2,000 images of 1 x 28 x 28, 10 classes");
    assertThat(table.counts()).containsExactly(200, 203, 214, 190, 219, 195, 197, 200, 194, 188);
  }

  @Test
  void digits_packaged_areThe1797OfTheOriginal() {
    ImageTable table = OpticalDigits.load();

    assertThat(table).hasToString("optical-digits: 1,797 images of 1 x 8 x 8, 10 classes");
    assertThat(table.counts()).containsExactly(178, 182, 177, 183, 181, 182, 181, 179, 174, 180);
    assertThat(table.label(0)).isZero();
    // First line of the file: 0,0,5,13,9,1,0,0, ...
    assertThat(Arrays.copyOf(table.image(0), 8))
        .containsExactly(0f, 0f, 5 / 16f, 13 / 16f, 9 / 16f, 1 / 16f, 0f, 0f);
  }

  @Test
  void digitsSplit_anySeed_has1000And797AndEveryClass() {
    ImageTable.Split split = OpticalDigits.split(3);

    assertThat(split.train().size()).isEqualTo(1_000);
    assertThat(split.test().size()).isEqualTo(797);
    assertThat(split.train().counts()).doesNotContain(0);
    assertThat(split.test().counts()).doesNotContain(0);
  }

  @Test
  void readme_besideTheData_hasTheHashOfEveryFile() throws IOException {
    String readme =
        Resources.toString(
            Resources.getResource(FashionMnist.class, "README.md"), StandardCharsets.UTF_8);
    Matcher line = Pattern.compile("(?m)^([0-9a-f]{64})  (\\S+)$").matcher(readme);
    int files = 0;
    for (; line.find(); files++) {
      byte[] bytes =
          Resources.toByteArray(Resources.getResource(FashionMnist.class, line.group(2)));
      assertThat(Hashing.sha256().hashBytes(bytes)).as(line.group(2)).hasToString(line.group(1));
    }
    // Five files of images, and the network made from them.
    assertThat(files).isEqualTo(6);
  }

  private Path digits(String text) throws IOException {
    return Files.writeString(folder.resolve("digits.csv"), text);
  }

  @Test
  void digits_damagedFile_isRefusedWithItsLine() throws IOException {
    String good = "0,".repeat(64) + "3\n";

    assertThat(OpticalDigits.read(digits(good + good)).counts()[3]).isEqualTo(2);
    assertThatThrownBy(() -> OpticalDigits.read(digits("")))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("empty file: " + folder.resolve("digits.csv"));
    assertThatThrownBy(() -> OpticalDigits.read(digits(good + "0,0,5")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("digits.csv, line 2; expected 64 pixels and a label, found 3 fields");
    assertThatThrownBy(() -> OpticalDigits.read(digits("17," + "0,".repeat(63) + "3")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("line 1, field 1; expected 0 to 16, found '17'");
    assertThatThrownBy(() -> OpticalDigits.read(digits("0,".repeat(64) + "10")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("line 1, label; expected 0 to 9, found '10'");
    assertThatThrownBy(() -> OpticalDigits.read(digits("x," + "0,".repeat(63) + "3")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("found 'x'");
  }
}
