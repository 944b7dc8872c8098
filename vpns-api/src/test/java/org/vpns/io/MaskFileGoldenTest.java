package org.vpns.io;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.testing.Fixtures;

/** Files of earlier versions, read for ever; {@link #main} wrote them. */
final class MaskFileGoldenTest {
  private static final String VERSION_1 = "masks-v1.vpns";

  private static MaskFile version1() {
    Map<String, Mask> masks = new LinkedHashMap<>();
    masks.put("conv1.weight", Mask.of(new Shape(8, 3, 3, 3), i -> i * i % 7 < 3));
    masks.put("layer1.0.conv1.weight", Mask.zeros(new Shape(3, 5)));
    masks.put("fc.weight", Mask.of(new Shape(20, 16), i -> i % 5 == 0));
    masks.put("Gewicht-\u00e4\u6f22.weight", Mask.ones(new Shape(1)));
    return MaskFile.of(MaskSet.of(masks))
        .withModel("tinyresnet")
        .with("seed", "7")
        .with("note", "golden file of version 1");
  }

  @Test
  void version1_isReadForEver() throws IOException {
    byte[] file = Fixtures.bytes(VERSION_1);
    MaskFile read = MaskFile.read(new ByteArrayInputStream(file), VERSION_1);
    assertThat(read.masks()).isEqualTo(version1().masks());
    // i * i mod 7 is below 3 for 5 of 7 residues: 150 of 210, then 4 of the last 6
    assertThat(read.masks().kept()).isEqualTo(154 + 0 + 64 + 1);
    assertThat(read.model()).isEqualTo("tinyresnet");
    assertThat(read.metadata()).isEqualTo(version1().metadata());
  }

  @Test
  void version1_isWrittenWithTheSameBytes() {
    assertThat(MaskFileTest.bytes(version1())).isEqualTo(Fixtures.bytes(VERSION_1));
  }

  /** Writes the golden file into the given folder. */
  public static void main(String[] args) throws IOException {
    version1().write(Path.of(args[0]).resolve(VERSION_1));
  }
}
