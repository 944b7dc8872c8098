package org.vpns.io;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.vpns.Problem;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.internal.io.FileBytes;
import org.vpns.internal.io.FileGuess;
import org.vpns.internal.io.InputFile;
import org.vpns.internal.io.IoConsumer;
import org.vpns.io.SafeTensorsHeader.Entry;

/**
 * The tensors of a safetensors file, by name: an 8-byte little-endian header length, a JSON header,
 * then the data, little-endian and row-major. Immutable; safe to share between threads.
 *
 * <p>Opening reads and checks the header only; each tensor is read from the file when it is asked
 * for, so files above 2 GiB are no matter as long as each tensor has fewer than 2^31 elements.
 * Large tensors are read through a mapping of the file (but on Windows, which lets no mapped file
 * be replaced). The file must not change while this object is in use; it is open only while a
 * tensor is read. {@link #builder()} writes.
 */
public final class SafeTensors implements NamedTensors {
  private final String source;
  private final Content content;
  private final ImmutableMap<String, Entry> entries;
  private final ImmutableMap<String, String> metadata;

  private SafeTensors(String source, Content content, SafeTensorsHeader header) {
    this.source = source;
    this.content = content;
    this.entries = ImmutableMap.copyOf(header.entries());
    this.metadata = ImmutableMap.copyOf(header.metadata());
  }

  /** Bytes of a file, whole or by parts. */
  private interface Content {
    /** Passes bytes begin .. end on, in order, in little-endian parts of whole 8-byte units. */
    void forEach(long begin, long end, IoConsumer<ByteBuffer> action) throws IOException;
  }

  /** A new, empty file to be. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Opens the index of a set of files, {@code model.safetensors.index.json}, and all of them.
   *
   * @throws FormatException if the index or a file breaks its format, or they disagree
   * @throws IOException if one cannot be read, or lies outside the folder
   */
  public static NamedTensors readShards(Path index) throws IOException {
    Problem.given(index, "SafeTensors.readShards", "index");
    return ShardedTensors.read(index, SafeTensors::read);
  }

  /**
   * Opens a file.
   *
   * @throws FormatException if the file breaks the format
   * @throws IOException if it cannot be read
   */
  public static SafeTensors read(Path file) throws IOException {
    Problem.given(file, "SafeTensors.read", "file");
    InputFile.require(file, "a safetensors file");
    return read(file, FileBytes.of(file));
  }

  /** Opens a file whose tensors are read in the given way. */
  static SafeTensors read(Path file, FileBytes bytes) throws IOException {
    String source = file.toString();
    SafeTensorsHeader header = FileBytes.with(file, channel -> header(channel, source));
    return new SafeTensors(source, bytes::forEach, header);
  }

  private static SafeTensorsHeader header(FileChannel channel, String source) throws IOException {
    long size = channel.size();
    requireNoOther(channel, size, source);
    if (size < 10) {
      throw SafeTensorsHeader.tooShort(size, source);
    }
    ByteBuffer prefix = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    FileBytes.fill(channel, prefix, 0);
    int length = SafeTensorsHeader.checkLength(prefix.getLong(0), size, source);
    ByteBuffer json = ByteBuffer.allocate(length);
    FileBytes.fill(channel, json, 8);
    return SafeTensorsHeader.parse(json, size, source);
  }

  /** What looks like a length out of range may be the beginning of another format. */
  private static void requireNoOther(FileChannel channel, long size, String source)
      throws IOException {
    ByteBuffer head = ByteBuffer.allocate((int) Math.min(FileGuess.HEAD_BYTES, size));
    FileBytes.fill(channel, head, 0);
    Optional<FileGuess> other =
        FileGuess.ofKnown(head.array()).filter(guess -> !guess.equals(FileGuess.SAFETENSORS));
    if (other.isPresent()) {
      throw new FormatException(
          "no safetensors file",
          source,
          "byte 0",
          "a length and a header",
          other.get().what(),
          other.get().remedy());
    }
  }

  /**
   * Reads from memory. The array is not copied.
   *
   * @param source what to call the content in messages
   * @throws FormatException if the content breaks the format
   */
  public static SafeTensors parse(byte[] content, String source) throws FormatException {
    Problem.given(content, "SafeTensors.parse", "content");
    Problem.given(source, "SafeTensors.parse", "source");
    ByteBuffer whole = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    if (content.length < 10) {
      throw SafeTensorsHeader.tooShort(content.length, source);
    }
    int length = SafeTensorsHeader.checkLength(whole.getLong(0), content.length, source);
    SafeTensorsHeader header =
        SafeTensorsHeader.parse(whole.slice(8, length), content.length, source);
    return new SafeTensors(
        source,
        (begin, end, action) ->
            action.accept(
                whole.slice((int) begin, (int) (end - begin)).order(ByteOrder.LITTLE_ENDIAN)),
        header);
  }

  @Override
  public List<String> names() {
    return ImmutableList.copyOf(entries.keySet());
  }

  @Override
  public boolean contains(String name) {
    Problem.given(name, "SafeTensors.contains", "name");
    return entries.containsKey(name);
  }

  @Override
  public Shape shape(String name) {
    Problem.given(name, "SafeTensors.shape", "name");
    return entry(name).shape();
  }

  @Override
  public TensorType type(String name) {
    Problem.given(name, "SafeTensors.type", "name");
    return entry(name).type();
  }

  @Override
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public float[] floats(String name) {
    Problem.given(name, "SafeTensors.floats", "name");
    Entry entry = entry(name);
    if (!entry.type().isFloat()) {
      throw wrongType(entry, "F32, F64, F16 or BF16", "floats");
    }
    float[] values = new float[elements(entry)];
    int[] at = {0};
    scan(entry, part -> at[0] += Elements.floats(entry.type(), part, values, at[0]));
    return values;
  }

  @Override
  public double[] doubles(String name) {
    Problem.given(name, "SafeTensors.doubles", "name");
    Entry entry = entry(name);
    if (!entry.type().isFloat()) {
      throw wrongType(entry, "F64, F32, F16 or BF16", "doubles");
    }
    double[] values = new double[elements(entry)];
    int[] at = {0};
    scan(entry, part -> at[0] += Elements.doubles(entry.type(), part, values, at[0]));
    return values;
  }

  /**
   * A tensor of an integer type, signed or unsigned, or of type BOOL as 0 and 1.
   *
   * @throws IllegalArgumentException if there is no such tensor, its type is another, or a value is
   *     out of range: above 2^63 - 1 in U64, above 1 in BOOL
   */
  public long[] longs(String name) {
    Problem.given(name, "SafeTensors.longs", "name");
    Entry entry = entry(name);
    TensorType type = entry.type();
    if (!Elements.isInteger(type)) {
      throw wrongType(entry, "an integer type or BOOL", "longs");
    }
    long[] values = new long[elements(entry)];
    int[] at = {0};
    scan(entry, part -> at[0] += Elements.longs(type, part, values, at[0]));
    if (type == TensorType.U64 || type == TensorType.BOOL) {
      requireRange(entry, values, type == TensorType.BOOL ? 1 : Long.MAX_VALUE);
    }
    return values;
  }

  private void requireRange(Entry entry, long[] values, long largest) {
    for (int i = 0; i < values.length; i++) {
      if (values[i] < 0 || values[i] > largest) {
        throw Problem.argument(
            "tensor value out of range",
            source + ", '" + entry.name() + "'[" + i + "], " + entry.type(),
            "0 to " + largest,
            Long.toUnsignedString(values[i]),
            "write or fetch the file again");
      }
    }
  }

  /**
   * A tensor of type U8 as it is stored.
   *
   * @throws IllegalArgumentException if there is no such tensor or its type is another
   */
  public byte[] bytes(String name) {
    Problem.given(name, "SafeTensors.bytes", "name");
    Entry entry = entry(name);
    if (entry.type() != TensorType.U8) {
      throw wrongType(entry, "U8", "bytes");
    }
    byte[] values = new byte[elements(entry)];
    int[] at = {0};
    scan(
        entry,
        part -> {
          int length = part.remaining();
          part.get(values, at[0], length);
          at[0] += length;
        });
    return values;
  }

  private void scan(Entry entry, IoConsumer<ByteBuffer> action) {
    try {
      content.forEach(entry.begin(), entry.end(), action);
    } catch (IOException e) {
      throw new UncheckedIOException(
          Problem.message(
              "tensor cannot be read",
              source + ", byte " + entry.begin() + ", '" + entry.name() + "'",
              (entry.end() - entry.begin()) + " bytes",
              e,
              "check that the file is still there and unchanged"),
          e);
    }
  }

  private int elements(Entry entry) {
    long elements = (entry.end() - entry.begin()) / entry.type().width();
    if (elements > Integer.MAX_VALUE - 8) {
      throw Problem.argument(
          "tensor too large for one array",
          source + ", '" + entry.name() + "'",
          "fewer than 2^31 elements",
          elements,
          "split the tensor");
    }
    return (int) elements;
  }

  private Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw Problem.argument(
          "no such tensor",
          source + ", '" + name + "'",
          "one of " + entries.size() + " names",
          "none",
          "names begin with: " + entries.keySet().stream().limit(8).toList());
    }
    return entry;
  }

  private IllegalArgumentException wrongType(Entry entry, String expected, String asked) {
    boolean readable = entry.type().isFloat() || Elements.isInteger(entry.type());
    return Problem.argument(
        "tensor type does not fit",
        source + ", '" + entry.name() + "'",
        expected + " for " + asked,
        FormatException.shortened(entry.typeName()),
        readable
            ? "ask for the type the file has"
            : "convert this tensor before it is saved (PyTorch: tensor.float(), or"
                + " torch.view_as_real(tensor) of complex ones); all others can be read");
  }

  /** Number of tensors and where they come from. */
  @Override
  public String toString() {
    return entries.size() + " tensors of " + source;
  }

  /**
   * Collects tensors for one file, in order. Arrays are not copied: leave them unchanged until the
   * file is written. Every {@code put} throws {@link IllegalArgumentException} if the name is used
   * already or the shape does not fit the number of values.
   */
  public static final class Builder {
    private final SafeTensorsWriter writer = new SafeTensorsWriter();

    private Builder() {}

    /** Adds a tensor of type F32. */
    public Builder putFloats(String name, Shape shape, float[] values) {
      Problem.given(name, "SafeTensors.Builder.putFloats", "name");
      Problem.given(shape, "SafeTensors.Builder.putFloats", "shape");
      Problem.given(values, "SafeTensors.Builder.putFloats", "values");
      writer.putFloats(name, shape, values);
      return this;
    }

    /** Adds a tensor of type F64. */
    public Builder putDoubles(String name, Shape shape, double[] values) {
      Problem.given(name, "SafeTensors.Builder.putDoubles", "name");
      Problem.given(shape, "SafeTensors.Builder.putDoubles", "shape");
      Problem.given(values, "SafeTensors.Builder.putDoubles", "values");
      writer.putDoubles(name, shape, values);
      return this;
    }

    /** Adds a tensor of type I64. */
    public Builder putLongs(String name, Shape shape, long[] values) {
      Problem.given(name, "SafeTensors.Builder.putLongs", "name");
      Problem.given(shape, "SafeTensors.Builder.putLongs", "shape");
      Problem.given(values, "SafeTensors.Builder.putLongs", "values");
      writer.putLongs(name, shape, values);
      return this;
    }

    /** Adds a one-dimensional tensor of type U8. */
    public Builder putBytes(String name, byte[] values) {
      Problem.given(name, "SafeTensors.Builder.putBytes", "name");
      Problem.given(values, "SafeTensors.Builder.putBytes", "values");
      writer.putBytes(name, values);
      return this;
    }

    /**
     * Adds a free text.
     *
     * @throws IllegalArgumentException if the key is set already
     */
    public Builder metadata(String key, String value) {
      Problem.given(key, "SafeTensors.Builder.metadata", "key");
      Problem.given(value, "SafeTensors.Builder.metadata", "value");
      writer.metadata(key, value);
      return this;
    }

    /** Writes the file, whole or not at all; an existing one is replaced. */
    public void write(Path file) throws IOException {
      Problem.given(file, "SafeTensors.Builder.write", "file");
      AtomicFiles.write(file, writer::writeTo);
    }

    /** The file's bytes; for content below 2 GiB. */
    public byte[] toBytes() {
      ByteArrayOutputStream out = new ByteArrayOutputStream(Math.toIntExact(writer.size()));
      try {
        writer.writeTo(out);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return out.toByteArray();
    }
  }
}
