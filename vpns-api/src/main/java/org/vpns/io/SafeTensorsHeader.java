package org.vpns.io;

import ai.djl.ndarray.types.Shape;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.io.MemoryBound;

/**
 * The checked header of a safetensors file.
 *
 * <p>Accepted is exactly: a length n with 2 &lt;= n &lt;= 100 MB that fits the file; n bytes of
 * strict UTF-8 holding one strict JSON object that begins with the first byte; unique names; in
 * each entry exactly dtype, shape and data_offsets, whole numbers without sign, fraction or
 * exponent; a length equal to width times number of elements where the element type is known; and
 * entries that together cover the data without gap, overlap or rest.
 */
final class SafeTensorsHeader {
  static final String METADATA = "__metadata__";
  static final long MAX_LENGTH = 100_000_000;

  private static final Pattern WHOLE = Pattern.compile("0|[1-9][0-9]{0,17}");

  /**
   * One tensor; {@code begin} and {@code end} are positions in the file.
   *
   * @param typeName the type as the file calls it
   */
  record Entry(String name, TensorType type, String typeName, Shape shape, long begin, long end) {}

  private final String source;
  private final long fileSize;
  private final long dataStart;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  private SafeTensorsHeader(String source, long fileSize, long dataStart) {
    this.source = source;
    this.fileSize = fileSize;
    this.dataStart = dataStart;
  }

  /** Entries in the order of the header. */
  Map<String, Entry> entries() {
    return entries;
  }

  Map<String, String> metadata() {
    return metadata;
  }

  /** Checks the header's length against the file before anything is allocated for it. */
  static int checkLength(long length, long fileSize, String source) throws FormatException {
    if (length < 2 || length > MAX_LENGTH || length > fileSize - 8) {
      throw FormatException.at(
          "safetensors header length out of range",
          source,
          0,
          "header length",
          "2 to " + Math.max(2, Math.min(MAX_LENGTH, fileSize - 8)),
          Long.toUnsignedString(length));
    }
    if (length > MemoryBound.heap()) {
      throw new FormatException(
          "safetensors header too large for the heap",
          source,
          "header length",
          "at most " + MemoryBound.heap() + " bytes",
          length,
          MemoryBound.REMEDY);
    }
    return (int) length;
  }

  static FormatException tooShort(long fileSize, String source) {
    return FormatException.at(
        "safetensors file too short", source, 0, "header length", "10 bytes or more", fileSize);
  }

  static SafeTensorsHeader parse(ByteBuffer json, long fileSize, String source)
      throws FormatException {
    SafeTensorsHeader header = new SafeTensorsHeader(source, fileSize, 8L + json.remaining());
    if (json.get(json.position()) != '{') {
      throw header.bad("safetensors header is no object", "header", "'{'", json.get(0) & 0xff);
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(json).toString();
    } catch (CharacterCodingException e) {
      throw header.bad("safetensors header is no text", "header", "UTF-8", e.toString());
    }
    try (JsonReader reader = new JsonReader(new StringReader(text))) {
      reader.setStrictness(Strictness.STRICT);
      header.readObject(reader);
    } catch (FormatException e) {
      throw e;
    } catch (IOException | IllegalStateException | NumberFormatException e) {
      throw header.bad("safetensors header is no JSON", "header", "strict JSON", e.toString());
    }
    header.checkTiling();
    return header;
  }

  private void readObject(JsonReader reader) throws IOException {
    boolean metadataSeen = false;
    reader.beginObject();
    while (reader.hasNext()) {
      String name = name(reader);
      if (name.equals(METADATA)) {
        if (metadataSeen) {
          throw bad("safetensors field twice", METADATA, "one", "two");
        }
        metadataSeen = true;
        readMetadata(reader);
      } else {
        Entry entry = readEntry(reader, name);
        if (entries.put(name, entry) != null) {
          throw bad("safetensors name twice", quoted(name), "unique names", "two of this name");
        }
      }
    }
    reader.endObject();
    if (reader.peek() != JsonToken.END_DOCUMENT) {
      throw bad("safetensors header has a rest", "header", "end", reader.peek());
    }
  }

  private void readMetadata(JsonReader reader) throws IOException {
    require(reader, JsonToken.BEGIN_OBJECT, METADATA);
    reader.beginObject();
    while (reader.hasNext()) {
      String key = name(reader);
      require(reader, JsonToken.STRING, METADATA + "." + key);
      if (metadata.put(key, reader.nextString()) != null) {
        throw bad("safetensors field twice", METADATA + "." + key, "one", "two");
      }
    }
    reader.endObject();
  }

  private String name(JsonReader reader) throws IOException {
    String name = reader.nextName();
    if (name.length() > MemoryBound.NAME) {
      throw bad(
          "safetensors name too long",
          "header",
          "at most " + MemoryBound.NAME + " characters",
          name.length());
    }
    return name;
  }

  private Entry readEntry(JsonReader reader, String name) throws IOException {
    String where = quoted(name);
    String dtype = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    require(reader, JsonToken.BEGIN_OBJECT, where);
    reader.beginObject();
    while (reader.hasNext()) {
      String field = reader.nextName();
      boolean twice;
      switch (field) {
        case "dtype" -> {
          twice = dtype != null;
          require(reader, JsonToken.STRING, where + ".dtype");
          dtype = reader.nextString();
        }
        case "shape" -> {
          twice = shape != null;
          shape = readNumbers(reader, where + ".shape");
        }
        case "data_offsets" -> {
          twice = offsets != null;
          offsets = readNumbers(reader, where + ".data_offsets");
        }
        default ->
            throw bad(
                "unknown safetensors field", where, "dtype, shape, data_offsets", quoted(field));
      }
      if (twice) {
        throw bad("safetensors field twice", where + "." + field, "one", "two");
      }
    }
    reader.endObject();
    return makeEntry(name, dtype, shape, offsets);
  }

  private Entry makeEntry(
      String name, @Nullable String dtype, @Nullable List<Long> shape, @Nullable List<Long> offsets)
      throws FormatException {
    String where = quoted(name);
    if (dtype == null || shape == null || offsets == null) {
      String missing = dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets";
      throw bad("safetensors field missing", where + "." + missing, "a value", "none");
    }
    if (dtype.length() > MemoryBound.NAME) {
      throw bad(
          "safetensors type too long",
          where + ".dtype",
          "at most " + MemoryBound.NAME + " characters",
          dtype.length());
    }
    TensorType type = TensorType.of(dtype);
    long available = fileSize - dataStart;
    if (offsets.size() != 2 || offsets.get(0) > offsets.get(1) || offsets.get(1) > available) {
      throw bad(
          "safetensors offsets out of range",
          where + ".data_offsets",
          "begin <= end <= " + available,
          offsets);
    }
    long begin = offsets.get(0);
    long end = offsets.get(1);
    long bits;
    try {
      bits = Math.max(1, type.bits());
      for (long dimension : shape) {
        bits = Math.multiplyExact(bits, dimension);
      }
    } catch (ArithmeticException e) {
      throw bad("safetensors shape too large", where + ".shape", "below 2^63 bits", shape);
    }
    boolean known = type != TensorType.UNKNOWN;
    if (known && bits % Byte.SIZE != 0) {
      throw bad("safetensors shape ends inside a byte", where + ".shape", "whole bytes", shape);
    }
    long bytes = bits / Byte.SIZE;
    if (known && bytes != end - begin) {
      throw bad(
          "safetensors shape does not fit its bytes",
          where + ".data_offsets",
          bytes + " bytes for " + type + " " + shape,
          end - begin);
    }
    long[] dimensions = shape.stream().mapToLong(Long::longValue).toArray();
    return new Entry(
        name,
        type,
        known ? type.name() : dtype,
        new Shape(dimensions),
        dataStart + begin,
        dataStart + end);
  }

  private List<Long> readNumbers(JsonReader reader, String where) throws IOException {
    List<Long> numbers = new ArrayList<>();
    require(reader, JsonToken.BEGIN_ARRAY, where);
    reader.beginArray();
    while (reader.hasNext()) {
      require(reader, JsonToken.NUMBER, where);
      String number = reader.nextString();
      if (!WHOLE.matcher(number).matches()) {
        throw bad("safetensors number malformed", where, "a whole number below 10^18", number);
      }
      numbers.add(Long.parseLong(number));
    }
    reader.endArray();
    return numbers;
  }

  private void require(JsonReader reader, JsonToken token, String where) throws IOException {
    if (reader.peek() != token) {
      throw bad("safetensors field malformed", where, token, reader.peek());
    }
  }

  private void checkTiling() throws FormatException {
    List<Entry> sorted = new ArrayList<>(entries.values());
    sorted.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long at = dataStart;
    for (Entry entry : sorted) {
      if (entry.begin() != at) {
        throw FormatException.at(
            entry.begin() < at ? "safetensors data overlap" : "safetensors data have a gap",
            source,
            entry.begin(),
            quoted(entry.name()),
            "data from byte " + at,
            "from byte " + entry.begin());
      }
      at = entry.end();
    }
    if (at != fileSize) {
      throw FormatException.at(
          "safetensors file has bytes that belong to no tensor",
          source,
          at,
          "data",
          at + " bytes",
          fileSize);
    }
  }

  private FormatException bad(String what, String field, Object expected, Object found) {
    return FormatException.at(what, source, 8, field, expected, FormatException.shortened(found));
  }

  private static String quoted(String name) {
    return "'" + FormatException.shortened(name) + "'";
  }
}
