package org.vpns.internal.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.io.FormatException;

class PicturesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain.png",
        "alpha.png",
        "grey.png",
        "greyAlpha.png",
        "bit.png",
        "palette.png",
        "palette.gif",
        "plain.bmp"
      })
  void lossless_isWhatPillowDecodes(String file) throws Exception {
    Pixels pixels = Pictures.decode(Samples.bytes(file), file);

    Samples.assertEqual(pixels.colour(), Samples.expected(file + ".rgb.png"));
    Samples.assertEqual(pixels.grey(), Samples.expected(file + ".grey.png"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"halves.jpg", "full.jpg", "progressive.jpg", "grey.jpg", "inks.jpg", "turned.jpg"})
  void jpeg_isWhatPillowDecodes(String file) throws Exception {
    Pixels pixels = Pictures.decode(Samples.bytes(file), file);

    Samples.assertEqual(pixels.colour(), Samples.expected(file + ".rgb.png"));
  }

  private static byte[] written(BufferedImage image, String format) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, out)).isTrue();
    return out.toByteArray();
  }

  /** 0x12fe is 0x12, not rounded, and not 0xff as in Pillow's {@code convert} of grey. */
  @Test
  void sixteenBits_becomeTheUpperEight() throws Exception {
    BufferedImage grey = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
    grey.getRaster().setSample(0, 0, 0, 0x12fe);
    grey.getRaster().setSample(1, 0, 0, 0xffff);
    ComponentColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB), false, false, 1, DataBuffer.TYPE_USHORT);
    WritableRaster raster = model.createCompatibleWritableRaster(1, 1);
    raster.setPixel(0, 0, new int[] {0x0100, 0x80ff, 0xfeff});
    BufferedImage colour = new BufferedImage(model, raster, false, null);

    assertThat(Pictures.decode(written(grey, "png"), "grey").values()).containsExactly(0x12, 0xff);
    assertThat(Pictures.decode(written(colour, "png"), "colour").values())
        .containsExactly(0x01, 0x80, 0xfe);
  }

  /** A segment with a profile in which all colours are darker than they are stored. */
  @Test
  void profile_changesNothing() throws Exception {
    byte[] plain = Samples.bytes("halves.jpg");
    byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
    byte[] name = "ICC_PROFILE\0\1\1".getBytes(StandardCharsets.ISO_8859_1);
    int length = 2 + name.length + profile.length;
    ByteBuffer with = ByteBuffer.allocate(plain.length + 2 + length);
    with.put(plain, 0, 2).put((byte) 0xff).put((byte) 0xe2).putShort((short) length);
    with.put(name).put(profile).put(plain, 2, plain.length - 2);

    Samples.assertEqual(
        Pictures.decode(with.array(), "profile"), Samples.expected("halves.jpg.rgb.png"));
  }

  /**
   * Grey inks have no chroma, so that luma alone counts: the file with four components is the same
   * as CMYK and as YCCK when the three inks are one, and Adobe's segment tells which.
   */
  @Test
  void ycck_isTurnedIntoInksFirst() throws Exception {
    WritableRaster raster = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 8, 8, 4, null);
    for (int i = 0; i < 64; i++) {
      // luma 55, chroma none, black ink 0: inverted inks of 200
      raster.setPixel(i % 8, i / 8, new int[] {55, 128, 128, 255});
    }
    byte[] plain = fourComponents(raster);

    assertThat(Pictures.decode(adobe(plain, 2), "ycck").values()).containsOnly(200);
    // taken for inks: light of 55 and twice 128
    assertThat(Arrays.copyOf(Pictures.decode(adobe(plain, 0), "cmyk").values(), 3))
        .containsExactly(55, 128, 128);
  }

  private static byte[] fourComponents(Raster raster) throws Exception {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
      writer.setOutput(stream);
      ImageWriteParam best = writer.getDefaultWriteParam();
      best.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      best.setCompressionQuality(1);
      writer.write(null, new IIOImage(raster, null, null), best);
    } finally {
      writer.dispose();
    }
    return out.toByteArray();
  }

  /** With Adobe's segment, and no other one that tells colours. */
  private static byte[] adobe(byte[] jpeg, int transform) {
    byte[] segment = {
      (byte) 0xff, (byte) 0xee, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, (byte) transform
    };
    ByteBuffer with = ByteBuffer.allocate(jpeg.length + segment.length);
    return with.put(jpeg, 0, 2).put(segment).put(jpeg, 2, jpeg.length - 2).array();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain.png",
        "palette.gif",
        "plain.bmp",
        "halves.jpg",
        "progressive.jpg",
        "inks.jpg"
      })
  void picture_cutAnywhere_isRefusedByName(String file) throws Exception {
    byte[] whole = Samples.bytes(file);
    for (int length = 0; length < whole.length * 9 / 10; length += 1 + whole.length / 40) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> Pictures.decode(cut, "cats/1.x"))
          .as(length + " of " + whole.length)
          .isInstanceOf(FormatException.class)
          .hasMessageStartingWith("not a picture: cats/1.x; expected JPEG, PNG, GIF or BMP, whole");
    }
  }

  /** Some cameras do that; both Java and Pillow pass over it. */
  @Test
  void bytesAfterThePicture_areLeft() throws Exception {
    for (String file : new String[] {"plain.png", "palette.gif", "plain.bmp", "halves.jpg"}) {
      byte[] whole = Samples.bytes(file);
      Samples.assertEqual(
          Pictures.decode(Arrays.copyOf(whole, whole.length + 100), file).colour(),
          Samples.expected(file + ".rgb.png"));
    }
  }

  @Test
  void promiseOfTooManyPixels_isRefusedBeforeMemoryIsTaken() throws Exception {
    byte[] content = Samples.bytes("plain.png");
    ByteBuffer header = ByteBuffer.wrap(content).putInt(16, 100_000).putInt(20, 90_000);
    CRC32 crc = new CRC32();
    crc.update(content, 12, 17);
    header.putInt(29, (int) crc.getValue());
    assertThatThrownBy(() -> Pictures.decode(content, "large.png"))
        .isInstanceOf(FormatException.class)
        .hasMessageMatching(
            "picture too large: large.png; expected at most \\d+ pixels, found 9000000000; make it"
                + " smaller\\.");
  }

  @Test
  void somethingElse_isNoPicture() {
    byte[] text = "once upon a time, there was a text".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Pictures.decode(text, "notes.txt"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("not a picture: notes.txt")
        .hasMessageContaining("found something else; fetch it again, move it out");
  }
}
