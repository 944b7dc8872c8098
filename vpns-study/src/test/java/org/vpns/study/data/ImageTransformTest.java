package org.vpns.study.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.random.RandomGenerator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.vpns.Seeds;
import org.vpns.internal.data.Pixels;
import org.vpns.internal.data.TorchvisionPictures;

class ImageTransformTest {
  private static final ImageTransform GREY = ImageTransform.grey();

  /** Grey; the pixel at (y, x) is 10 y + x. */
  private static Pixels numbered(int height, int width) {
    Pixels pixels = Pixels.black(1, height, width);
    for (int i = 0; i < pixels.values().length; i++) {
      pixels.values()[i] = (byte) (10 * (i / width) + i % width);
    }
    return pixels;
  }

  private static RandomGenerator random(long seed) {
    return new Seeds(seed).stream("test");
  }

  private static String size(Pixels pixels) {
    return pixels.channels() + " x " + pixels.height() + " x " + pixels.width();
  }

  @Test
  void resizeAndCentreCrop_areThoseOfTorchvision_toTheBit() throws Exception {
    ImageTransform shown = ImageTransform.colour().resize(24).centreCrop(20);
    for (ImageTransform transform : new ImageTransform[] {shown, shown.bicubic()}) {
      String filter = transform == shown ? "bilinear" : "bicubic";
      TorchvisionPictures.check(transform::apply, "plain.png", filter + "-24-crop-20.png");
      TorchvisionPictures.checkTall(transform::apply, "plain.png", filter + "-tall-24-crop-20.png");
    }
  }

  /** The longer side is cut to whole pixels: 5 * 7 / 3 = 11.67. */
  @Test
  void resize_ofTheShorterSide_keepsTheAspect() {
    assertThat(size(GREY.resize(5).apply(numbered(3, 7)))).isEqualTo("1 x 5 x 11");
    assertThat(size(GREY.resize(5).apply(numbered(7, 3)))).isEqualTo("1 x 11 x 5");
    assertThat(size(GREY.resize(4, 6).apply(numbered(7, 3)))).isEqualTo("1 x 4 x 6");
  }

  /** Of 4 columns less 1, the middle 1.5 is place 2; of 2 rows less 1, 0.5 is place 0. */
  @Test
  void centreCrop_halfAPlace_takesTheEvenOne() {
    assertThat(GREY.centreCrop(1).apply(numbered(2, 4)).values()).containsExactly(2);
    assertThat(GREY.centreCrop(2, 3).apply(numbered(4, 5)).values())
        .containsExactly(11, 12, 13, 21, 22, 23);
  }

  @Test
  void flip_mirrorsHalfOfThePictures() {
    Set<Integer> first = new HashSet<>();
    int mirrored = 0;
    for (int seed = 0; seed < 200; seed++) {
      byte[] values = GREY.horizontalFlip().apply(numbered(1, 3), random(seed)).values();
      first.add((int) values[0]);
      mirrored += values[0] == 2 ? 1 : 0;
      assertThat(values[1]).isEqualTo((byte) 1);
    }
    assertThat(first).containsExactlyInAnyOrder(0, 2);
    // a fair coin is outside of this less than once in a million
    assertThat(mirrored).isBetween(65, 135);
  }

  @Property(tries = 100)
  void randomCrop_isAPieceOfTheFramedPicture(
      @ForAll long seed, @ForAll @IntRange(max = 3) int frame) {
    byte[] piece = GREY.randomCrop(4, frame).apply(numbered(5, 6), random(seed)).values();

    assertThat(piece).hasSize(16);
    int zeros = 0;
    for (int i = 0; i < 16; i++) {
      zeros += piece[i] == 0 ? 1 : 0;
      boolean sameRow = i % 4 < 3 && piece[i] != 0 && piece[i + 1] != 0;
      if (sameRow) {
        assertThat(piece[i + 1] - piece[i]).isEqualTo(1);
      }
    }
    assertThat(zeros).isLessThanOrEqualTo(16 - (4 - frame) * (4 - frame) + 1);
  }

  @Test
  void randomCrop_reachesEveryPlace() {
    Set<Byte> corners = new HashSet<>();
    for (int seed = 0; seed < 300; seed++) {
      corners.add(GREY.randomCrop(4, 0).apply(numbered(5, 6), random(seed)).values()[0]);
    }
    assertThat(corners)
        .containsExactlyInAnyOrder((byte) 0, (byte) 1, (byte) 2, (byte) 10, (byte) 11, (byte) 12);
  }

  /** Of a ramp, the piece is a ramp again, whose slope tells the piece's width. */
  @Property(tries = 100)
  void randomResizedCrop_pieceHasTheAreaAndAspectThatWereAskedFor(@ForAll long seed) {
    int side = 240;
    Pixels ramp = Pixels.black(1, side, side);
    for (int i = 0; i < ramp.values().length; i++) {
      ramp.values()[i] = (byte) (i % side);
    }
    Pixels piece = GREY.randomResizedCrop(64).apply(ramp, random(seed));

    assertThat(size(piece)).isEqualTo("1 x 64 x 64");
    int left = Byte.toUnsignedInt(piece.values()[8]);
    int right = Byte.toUnsignedInt(piece.values()[55]);
    double width = (right - left) * 64 / 47.0;
    // area of 0.08 to 1 and 3:4 to 4:3: sides of sqrt(0.08 * 3 / 4) to all; 2 for rounding
    assertThat(width).isBetween(side * Math.sqrt(0.06) - 2, side + 2.0);
  }

  @Test
  void randomResizedCrop_ofAStrip_isItsMiddle() {
    Pixels strip = Pixels.black(1, 1, 90);
    for (int i = 0; i < 90; i++) {
      strip.values()[i] = (byte) i;
    }
    // no piece of the whole area has such sides: after ten tries 1 x 1 from column 44
    assertThat(GREY.randomResizedCrop(1, 1).apply(strip, random(1)).values()).containsExactly(44);
  }

  @Test
  void greyAndColour_convertWhatIsStored() {
    Pixels colour = new Pixels(3, 1, 1, new byte[] {(byte) 200, 100, 50});

    // 0.299 * 200 + 0.587 * 100 + 0.114 * 50 = 124.2
    assertThat(GREY.apply(colour).values()).containsExactly(124);
    assertThat(ImageTransform.colour().apply(numbered(1, 2)).values())
        .containsExactly(0, 0, 0, 1, 1, 1);
  }

  /** A row of 100,000 pixels, 1 high, would become 224 x 22,400,000: 15 GB. */
  @Test
  void picturesThatBecomeTooLarge_areRefused_beforeMemoryIsTaken() {
    Pixels line = Pixels.black(3, 1, 100_000);
    for (ImageTransform transform :
        List.of(
            ImageTransform.colour().resize(224),
            ImageTransform.colour().resize(65_536),
            ImageTransform.colour().resize(65_536, 65_536),
            ImageTransform.colour().randomCrop(32, 65_536))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> transform.apply(line, random(1)))
          .withMessageStartingWith("picture becomes too large: ImageTransform; expected at most ");
    }
  }

  @Test
  void words_areTheCalls_andRandomnessIsTold() {
    ImageTransform training = ImageTransform.colour().randomCrop(32, 4).horizontalFlip().bicubic();

    assertThat(training).hasToString("colour().randomCrop(32, 32, 4).horizontalFlip().bicubic()");
    assertThat(training.isRandom()).isTrue();
    assertThat(ImageTransform.colour().resize(3).centreCrop(2).isRandom()).isFalse();
    assertThat(training.channels()).isEqualTo(3);
  }

  @Test
  void badSizes_areRefusedAtTheCall() {
    for (int size : new int[] {0, -1, 65_537}) {
      for (Runnable call :
          new Runnable[] {
            () -> GREY.resize(size),
            () -> GREY.resize(5, size),
            () -> GREY.centreCrop(size),
            () -> GREY.randomCrop(size, 0),
            () -> GREY.randomResizedCrop(size)
          }) {
        assertThatIllegalArgumentException()
            .isThrownBy(call::run)
            .withMessageContaining(String.format(Locale.ROOT, "found %d;", size));
      }
    }
    assertThatIllegalArgumentException().isThrownBy(() -> GREY.randomCrop(4, -1));
    assertThatIllegalArgumentException().isThrownBy(() -> GREY.randomResizedCrop(4, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> GREY.randomResizedCrop(4, 1.01));
  }
}
