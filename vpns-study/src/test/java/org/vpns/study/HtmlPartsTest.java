package org.vpns.study;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.vpns.report.LayerRecord;
import org.vpns.report.PromptRecord;
import org.vpns.report.PruneReport;

/** Curves, density bars and prompt pictures on values worked by hand. */
class HtmlPartsTest {
  @Test
  void curve_shortSeries_isKeptAsItIs() {
    Curve curve = Curve.of(List.of(3.0, 2.0, 1.0), 3);
    assertThat(curve).isEqualTo(new Curve(1, 3, List.of(3.0, 2.0, 1.0), 0));
  }

  @Test
  void curve_longSeries_isMeansOfBuckets() {
    // 7 values in at most 3 points: buckets of 3, the last of one.
    Curve curve = Curve.of(List.of(1.0, 2.0, 6.0, 1.0, 1.0, 2.0, 9.0), 3);
    assertThat(curve).isEqualTo(new Curve(3, 7, List.of(3.0, 1.333, 9.0), 0));
  }

  @Test
  void curve_valuesThatAreNotFinite_areCountedAndLeftOut() {
    Curve curve =
        Curve.of(List.of(Double.NaN, 4.0, Double.NaN, Double.POSITIVE_INFINITY, 2.0, 1.0), 3);
    assertThat(curve.points()).containsExactly(4.0, null, 1.5);
    assertThat(curve.notFinite()).isEqualTo(3);
    assertThat(curve.first()).isEqualTo(4.0);
    assertThat(curve.last()).isEqualTo(1.5);
    assertThat(Curve.of(List.of(), 300).first()).isNull();
    assertThat(Curve.of(Collections.nCopies(5880, 1.0), 300).points()).hasSize(294);
  }

  @Test
  void picture_threeChannels_areSignedAroundMidGrey() throws IOException {
    // Two pixels: red +0.2 then 0, green -0.2 then 0.1, blue 0 then NaN.
    PromptPicture picture =
        PromptPicture.of(
            new PromptRecord(
                "pad", Map.of(), 3, 1, 2, 2, 6, new float[] {0.2f, 0, -0.2f, 0.1f, 0, Float.NaN}));
    BufferedImage image = decode(picture);
    assertThat(picture.scaleText()).isEqualTo("0.200");
    assertThat(image.getRGB(0, 0) & 0xffffff).isEqualTo(255 << 16 | 0 << 8 | 128);
    // Half of the scale: 128 + 63.5, rounded up.
    assertThat(image.getRGB(1, 0) & 0xffffff).isEqualTo(128 << 16 | 192 << 8 | 128);
  }

  @Test
  void picture_otherChannels_standSideBySide() throws IOException {
    PromptPicture picture =
        PromptPicture.of(
            new PromptRecord("fix", Map.of(), 2, 1, 2, 2, 4, new float[] {1, 0, -1, 0.5f}));
    BufferedImage image = decode(picture);
    assertThat(image.getWidth()).isEqualTo(4);
    assertThat(List.of(0, 1, 2, 3))
        .extracting(x -> image.getRaster().getSample(x, 0, 0))
        .containsExactly(255, 128, 0, 192);
  }

  @Test
  void picture_nothingLearned_isGrey() throws IOException {
    PromptPicture picture =
        PromptPicture.of(new PromptRecord("pad", Map.of(), 1, 1, 1, 1, 1, new float[] {0}));
    assertThat(decode(picture).getRaster().getSample(0, 0, 0)).isEqualTo(128);
  }

  private static BufferedImage decode(PromptPicture picture) throws IOException {
    String prefix = "data:image/png;base64,";
    assertThat(picture.uri()).startsWith(prefix);
    byte[] png = Base64.getDecoder().decode(picture.uri().substring(prefix.length()));
    return ImageIO.read(new ByteArrayInputStream(png));
  }

  @Test
  void densityScale_sparseNetwork_isLogarithmic() {
    DensityScale scale = new DensityScale(3);
    assertThat(scale.ticks()).containsExactly("0.1", "1", "10", "100");
    assertThat(scale.length(1)).isEqualTo("100.0");
    assertThat(scale.length(0.1)).isEqualTo("66.7");
    assertThat(scale.length(0.01)).isEqualTo("33.3");
    assertThat(scale.length(1e-6)).as("below the axis, still seen").isEqualTo("0.5");
    assertThat(scale.length(0)).isEqualTo("0");
  }

  @Test
  void densityScale_fromReports_reachesTheSmallestLayer() {
    // One percent in all: logarithmic; the smallest layer keeps 0.5 %: down to 0.1 %.
    assertThat(DensityScale.of(List.of(layers(100, 1, 1000, 5))).decades()).isEqualTo(3);
    // Half in all: linear, whatever the layers.
    DensityScale linear = DensityScale.of(List.of(layers(100, 50, 1000, 1)));
    assertThat(linear.decades()).isZero();
    assertThat(linear.ticks()).containsExactly("0", "25", "50", "75", "100");
    assertThat(linear.length(0.3)).isEqualTo("30.0");
  }

  private static PruneReport layers(int prunable, int kept, int size, int keptOfLayer) {
    return new PruneReport(
        "R",
        "0.9",
        1,
        prunable,
        kept,
        prunable,
        List.of(new LayerRecord("a", "", size, keptOfLayer), new LayerRecord("b", "", 10, 0)),
        null,
        null,
        null,
        List.of(),
        new int[0][],
        null,
        List.of(),
        Map.of(),
        null);
  }
}
