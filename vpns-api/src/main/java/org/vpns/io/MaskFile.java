package org.vpns.io;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.internal.io.FileGuess;
import org.vpns.internal.io.InputFile;

/**
 * A mask file, usually named {@code *.vpns}: masks, one bit for each prunable weight, the name of
 * the model they were made for, and free text by key such as seed or data set. Immutable.
 *
 * <pre>{@code
 * MaskFile.of(masks).withModel("resnet18").write(file);
 * MaskSet masks = MaskFile.read(file).masks();
 * }</pre>
 *
 * <p>The byte layout, with a CRC-32C over each part, is described in {@code docs/mask-format.md}; a
 * file written by any released version stays readable. Reading never takes more memory than a small
 * multiple of the bytes that are really there. A file that was read is well formed, with checksums
 * that agree; whether its content makes sense is what {@link #validate()} says.
 */
public final class MaskFile {
  /** The version that is written, and the newest that is read. */
  public static final int VERSION = 1;

  /** Longest text in a file, in bytes of UTF-8. */
  public static final int MAX_TEXT_BYTES = 1 << 20;

  /** First bytes of every mask file. */
  static final byte[] MAGIC = {(byte) 0x89, 'V', 'P', 'N', 'M', '\r', '\n', 0x1a};

  /** One mask as stored. */
  static final class Entry {
    private final String path;
    private final Shape shape;
    private final long[] words;
    private final long offset;

    /** The array is not copied; {@code offset} is where the record begins. */
    Entry(String path, Shape shape, long[] words, long offset) {
      this.path = path;
      this.shape = shape;
      this.words = words;
      this.offset = offset;
    }

    String path() {
      return path;
    }

    Shape shape() {
      return shape;
    }

    long[] words() {
      return words;
    }

    long offset() {
      return offset;
    }

    int size() {
      return Math.toIntExact(shape.size());
    }
  }

  private final String source;
  private final String model;
  private final ImmutableMap<String, String> metadata;
  private final ImmutableList<Entry> entries;

  MaskFile(String source, String model, Map<String, String> metadata, List<Entry> entries) {
    this.source = source;
    this.model = model;
    this.metadata = ImmutableMap.copyOf(metadata);
    this.entries = ImmutableList.copyOf(entries);
  }

  /** A file with these masks, no model name and no free text. */
  public static MaskFile of(MaskSet masks) {
    Problem.given(masks, "MaskFile.of", "masks");
    ImmutableList.Builder<Entry> entries = ImmutableList.builder();
    masks
        .asMap()
        .forEach((path, mask) -> entries.add(new Entry(path, mask.shape(), mask.words(), 0)));
    return new MaskFile("memory", "", Map.of(), entries.build());
  }

  /**
   * Reads a file.
   *
   * @throws FormatException if the file is damaged, or goes on after the last mask
   */
  public static MaskFile read(Path file) throws IOException {
    Problem.given(file, "MaskFile.read", "file");
    FileGuess guess = FileGuess.of(InputFile.require(file, "a mask file"));
    if (!guess.equals(FileGuess.MASKS)) {
      throw FormatException.ofOther(
          "not a mask file", file.toString(), "magic", "a mask file", guess);
    }
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      MaskReader reader = new MaskReader(in, file.toString());
      MaskFile content = reader.read();
      reader.requireEnd();
      return content;
    }
  }

  /**
   * Reads from a stream, which is left after the last mask and not closed.
   *
   * @param source what to call the stream in messages
   * @throws FormatException if the content is damaged
   */
  public static MaskFile read(InputStream in, String source) throws IOException {
    Problem.given(in, "MaskFile.read", "in");
    Problem.given(source, "MaskFile.read", "source");
    return new MaskReader(in, source).read();
  }

  /**
   * Writes a file; an existing one is replaced, whole or not at all.
   *
   * @throws IllegalArgumentException if a text is longer than {@link #MAX_TEXT_BYTES} or no Unicode
   */
  public void write(Path file) throws IOException {
    Problem.given(file, "MaskFile.write", "file");
    AtomicFiles.write(file, this::write);
  }

  /** The same to a stream, which is not closed. */
  public void write(OutputStream out) throws IOException {
    Problem.given(out, "MaskFile.write", "out");
    new MaskWriter(out).write(this);
  }

  /** The same with the name of the model that the masks were made for. */
  public MaskFile withModel(String name) {
    Problem.given(name, "MaskFile.withModel", "name");
    return new MaskFile(source, name, metadata, entries);
  }

  /**
   * The same with one more free text.
   *
   * @throws IllegalArgumentException if the key is set already
   */
  public MaskFile with(String key, String value) {
    Problem.given(key, "MaskFile.with", "key");
    Problem.given(value, "MaskFile.with", "value");
    if (metadata.containsKey(key)) {
      throw Problem.argument(
          "metadata key set twice",
          "'" + key + "'",
          "unique keys",
          metadata.get(key) + " then " + value,
          "set it once");
    }
    Map<String, String> more = new LinkedHashMap<>(metadata);
    more.put(key, value);
    return new MaskFile(source, model, more, entries);
  }

  /** Name of the model that the masks were made for; empty if the file does not say. */
  public String model() {
    return model;
  }

  /** Free text by key, in the order of the file. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** Number of masks. */
  public int size() {
    return entries.size();
  }

  List<Entry> entries() {
    return entries;
  }

  /**
   * Checks that the content makes a mask set: every path is there once and not blank, and no bit is
   * set after a mask's last entry.
   *
   * @throws FormatException naming the first record that does not
   */
  public void validate() throws FormatException {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      String field = "mask " + i;
      if (entry.path().isBlank()) {
        throw bad("mask without a path", entry, field + " path", "a parameter path", "blank");
      }
      if (!seen.add(entry.path())) {
        throw bad("mask path twice", entry, field + " path", "unique paths", entry.path());
      }
      int rest = entry.size() & 63;
      if (rest != 0 && entry.words()[entry.words().length - 1] >>> rest != 0) {
        throw bad(
            "mask has bits after its end",
            entry,
            field + " bits",
            entry.size() + " entries and then zeros",
            "ones");
      }
    }
  }

  private FormatException bad(
      String what, Entry entry, String field, Object expected, Object found) {
    return FormatException.at(what, source, entry.offset(), field, expected, found);
  }

  /**
   * The masks, validated.
   *
   * @throws FormatException if {@link #validate()} does
   */
  public MaskSet masks() throws FormatException {
    validate();
    Map<String, Mask> masks = new LinkedHashMap<>();
    for (Entry entry : entries) {
      masks.put(entry.path(), Mask.ofWords(entry.shape(), entry.words()));
    }
    return MaskSet.of(masks);
  }

  /** Model name and number of masks. */
  @Override
  public String toString() {
    return entries.size() + " masks of '" + model + "'";
  }
}
