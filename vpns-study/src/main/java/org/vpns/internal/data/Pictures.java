package org.vpns.internal.data;

import java.awt.image.BufferedImage;
import java.awt.image.ComponentSampleModel;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.io.MemoryBound;
import org.vpns.io.FormatException;

/**
 * Decodes pictures as Pillow's {@code convert("RGB")} has them, but for two things said below.
 *
 * <ul>
 *   <li>Transparency is left out: a pixel counts with the colour that is stored for it.
 *   <li>Grey levels and colours are taken as they are stored; colour profiles change nothing.
 *   <li>JPEG in CMYK or YCCK is taken for inverted, as Adobe's programs write it.
 *   <li>Orientation in Exif is left out: rows and columns are those that are stored.
 *   <li>Of an animation the first frame counts.
 *   <li>16 bits become the upper 8, in grey too, where Pillow cuts off above 255.
 *   <li>A picture that ends early is refused, as Pillow does; odd bytes in a JPEG stream, which
 *       both decoders pass over, are not.
 * </ul>
 */
public final class Pictures {
  /**
   * Of the heap for a pixel of a picture while it is decoded: what Java makes of it, and a copy.
   */
  private static final int BYTES_PER_PIXEL = 12;

  /** Pixels of which one array holds all channels, however large the heap. */
  public static final int MOST_PIXELS = MemoryBound.ARRAY / 4;

  /** So many are decoded at a time. */
  private static final int AT_A_TIME = 4;

  private Pictures() {}

  /** Most pixels that a picture may have in this heap. */
  public static long mostPixels() {
    return Math.min(MOST_PIXELS, Runtime.getRuntime().maxMemory() / (BYTES_PER_PIXEL * AT_A_TIME));
  }

  /** What to do about a picture of so many pixels, of which one array holds four bytes each. */
  public static String remedy(String smaller, long pixels) {
    return pixels > MOST_PIXELS ? smaller : smaller + ", or " + MemoryBound.REMEDY;
  }

  /**
   * Decodes the content of a file.
   *
   * @param where names it in messages
   * @throws FormatException if it is no picture, is damaged or cut short, or has more pixels than
   *     the heap is for
   */
  public static Pixels decode(byte[] file, String where) throws FormatException {
    byte[] content = JpegFrame.withoutProfile(file);
    try (CountedBytes in = new CountedBytes(content)) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw noPicture(where, content.length == 0 ? "an empty file" : "something else", null);
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        requireRoom((long) reader.getWidth(0) * reader.getHeight(0), where);
        Pixels pixels = decode(reader, content);
        if (in.hasMissed()) {
          throw noPicture(where, "its end missing", null);
        }
        return pixels;
      } finally {
        reader.dispose();
      }
    } catch (FormatException e) {
      throw e;
    } catch (IOException | RuntimeException e) { // what Java's decoders throw hangs on the damage
      throw noPicture(where, e, e);
    }
  }

  private static Pixels decode(ImageReader reader, byte[] content) throws IOException {
    if (reader.getFormatName().equalsIgnoreCase("jpeg") && JpegFrame.components(content) == 4) {
      return FourInks.convert(reader.readRaster(0, null), JpegFrame.adobeTransform(content));
    }
    BufferedImage image = reader.read(0);
    return image.getColorModel() instanceof IndexColorModel
        ? indexed(image)
        : direct(image.getRaster());
  }

  private static Pixels indexed(BufferedImage image) {
    IndexColorModel colours = (IndexColorModel) image.getColorModel();
    int[] places =
        image.getRaster().getSamples(0, 0, image.getWidth(), image.getHeight(), 0, (int[]) null);
    Pixels pixels = Pixels.black(3, image.getHeight(), image.getWidth());
    for (int i = 0; i < places.length; i++) {
      pixels.values()[3 * i] = (byte) colours.getRed(places[i]);
      pixels.values()[3 * i + 1] = (byte) colours.getGreen(places[i]);
      pixels.values()[3 * i + 2] = (byte) colours.getBlue(places[i]);
    }
    return pixels;
  }

  /** Java's own way to RGB would take grey levels for light intensities, and apply profiles. */
  private static Pixels direct(Raster raster) throws IIOException {
    int bands = raster.getNumBands();
    int channels = bands < 3 ? 1 : 3; // the band after them is transparency
    int drop = raster.getSampleModel().getSampleSize(0) - 8;
    if (bands > 4 || drop != 0 && drop != 8) {
      throw new IIOException(bands + " bands of " + (drop + 8) + " bits");
    }
    if (drop == 0
        && raster.getSampleModel() instanceof ComponentSampleModel model
        && raster.getDataBuffer() instanceof DataBufferByte buffer
        && buffer.getNumBanks() == 1
        && raster.getParent() == null) {
      return copied(raster, model, buffer.getData(), channels);
    }
    Pixels pixels = Pixels.black(channels, raster.getHeight(), raster.getWidth());
    int[] row = new int[raster.getWidth() * bands];
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, row);
      for (int x = 0; x < raster.getWidth(); x++) {
        for (int c = 0; c < channels; c++) {
          pixels.values()[(y * raster.getWidth() + x) * channels + c] =
              (byte) (row[x * bands + c] >> drop);
        }
      }
    }
    return pixels;
  }

  private static Pixels copied(
      Raster raster, ComponentSampleModel model, byte[] stored, int channels) {
    int width = raster.getWidth();
    Pixels pixels = Pixels.black(channels, raster.getHeight(), width);
    int[] offsets = model.getBandOffsets();
    int step = model.getPixelStride();
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < raster.getHeight(); y++) {
        int from = y * model.getScanlineStride() + offsets[c];
        int to = y * width * channels + c;
        for (int x = 0; x < width; x++) {
          pixels.values()[to + x * channels] = stored[from + x * step];
        }
      }
    }
    return pixels;
  }

  /** A decoder takes memory for all the pixels that a file promises before it looks for them. */
  private static void requireRoom(long pixels, String where) throws FormatException {
    if (pixels > mostPixels()) {
      throw new FormatException(
          "picture too large",
          where,
          "at most " + mostPixels() + " pixels",
          pixels,
          remedy("make it smaller", pixels));
    }
  }

  private static FormatException noPicture(String where, Object found, @Nullable Exception cause) {
    FormatException refusal =
        new FormatException(
            "not a picture",
            where,
            "JPEG, PNG, GIF or BMP, whole",
            found,
            "fetch it again, move it out, or leave broken pictures out with withoutBroken()");
    return cause == null ? refusal : refusal.causedBy(cause);
  }
}
