package org.vpns.io;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.io.InnerFiles;
import org.vpns.internal.io.TextFile;

/**
 * The tensors of several files under one index, {@code *.index.json}: an object whose {@code
 * weight_map} says for each tensor which file it is in. Immutable.
 *
 * <p>Index and files must agree: each tensor is in the file that the index names and in no other,
 * and no file has more. Files lie in the index's folder.
 */
final class ShardedTensors implements NamedTensors {
  private static final String MAP = "weight_map";
  private static final String METADATA = "metadata";

  /** As for a header: the longest that is read. */
  private static final int MAX_BYTES = (int) SafeTensorsHeader.MAX_LENGTH;

  private final String source;
  private final ImmutableMap<String, NamedTensors> shardOf;
  private final ImmutableMap<String, String> metadata;

  private ShardedTensors(
      String source, Map<String, NamedTensors> shardOf, Map<String, String> metadata) {
    this.source = source;
    this.shardOf = ImmutableMap.copyOf(shardOf);
    this.metadata = ImmutableMap.copyOf(metadata);
  }

  /**
   * Opens an index and all of its files.
   *
   * @param opener reads each of the files
   * @throws FormatException if the index or a file breaks its format, or they disagree
   * @throws IOException if one cannot be read, or lies outside the folder
   */
  static ShardedTensors read(Path index, Opener opener) throws IOException {
    String source = index.toString();
    Index content = new Index(source);
    content.parse(TextFile.read(index, MAX_BYTES));
    Path folder = index.toAbsolutePath().resolveSibling("");
    Map<String, NamedTensors> shards = new LinkedHashMap<>();
    Map<String, NamedTensors> shardOf = new LinkedHashMap<>();
    for (Map.Entry<String, String> entry : content.files.entrySet()) {
      String file = entry.getValue();
      NamedTensors shard = shards.get(file);
      if (shard == null) {
        shard = opener.open(InnerFiles.resolve(folder, file));
        shards.put(file, shard);
      }
      if (!isIn(shard, folder.resolve(file), entry.getKey())) {
        throw content.bad(
            "tensor missing from its file",
            entry.getKey(),
            "it in '" + FormatException.shortened(file) + "'",
            "nothing");
      }
      shardOf.put(entry.getKey(), shard);
    }
    for (Map.Entry<String, NamedTensors> shard : shards.entrySet()) {
      for (String name : shard.getValue().names()) {
        if (!shard.getKey().equals(content.files.get(name))) {
          throw content.bad(
              "tensor of a file that the index does not name",
              name,
              "an entry '" + FormatException.shortened(shard.getKey()) + "'",
              content.files.get(name));
        }
      }
    }
    return new ShardedTensors(source, shardOf, content.metadata);
  }

  private static boolean isIn(NamedTensors shard, Path file, String name) throws FormatException {
    try {
      return shard.contains(name);
    } catch (IllegalStateException undecided) {
      throw new FormatException(
          "several networks in a file of a set",
          file.toString(),
          "one dictionary of tensors",
          "several",
          "write a set of the one that is meant");
    }
  }

  /** The text of an index, parsed. */
  private static final class Index {
    private final String source;
    private final Map<String, String> files = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final Set<String> seen = new HashSet<>();

    Index(String source) {
      this.source = source;
    }

    void parse(String text) throws FormatException {
      try (JsonReader reader = new JsonReader(new StringReader(text))) {
        reader.setStrictness(Strictness.STRICT);
        readObject(reader);
      } catch (FormatException e) {
        throw e;
      } catch (IOException | IllegalStateException | NumberFormatException e) {
        throw bad("index is no JSON", "index", "one strict JSON object", e.toString());
      }
      if (!seen.contains(MAP)) {
        throw bad("index without a field", MAP, "an object", "nothing");
      }
    }

    private void readObject(JsonReader reader) throws IOException {
      reader.beginObject();
      while (reader.hasNext()) {
        String field = reader.nextName();
        if (!seen.add(field)) {
          throw bad("index field twice", field, "one", "two");
        }
        switch (field) {
          case MAP -> readMap(reader, MAP, files);
          case METADATA -> readMap(reader, METADATA, metadata);
          default -> reader.skipValue();
        }
      }
      reader.endObject();
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw bad("index has a rest", "index", "its end", reader.peek());
      }
    }

    /** File names are strings; sizes and the like in the metadata may be numbers. */
    private void readMap(JsonReader reader, String field, Map<String, String> into)
        throws IOException {
      reader.beginObject();
      while (reader.hasNext()) {
        String key = reader.nextName();
        JsonToken token = reader.peek();
        boolean plain =
            token == JsonToken.STRING || token == JsonToken.NUMBER && field.equals(METADATA);
        if (token == JsonToken.BOOLEAN && field.equals(METADATA)) {
          put(into, field, key, Boolean.toString(reader.nextBoolean()));
        } else if (plain) {
          put(into, field, key, reader.nextString());
        } else {
          throw bad("index field malformed", field + " '" + key + "'", "a text", token);
        }
      }
      reader.endObject();
    }

    private void put(Map<String, String> into, String field, String key, String value)
        throws FormatException {
      String before = into.put(key, value);
      if (before != null) {
        throw bad("index field twice", field + " '" + key + "'", "one", before + " and " + value);
      }
    }

    FormatException bad(String what, String field, Object expected, @Nullable Object found) {
      return FormatException.at(
          what,
          source,
          0,
          FormatException.shortened(field),
          expected,
          FormatException.shortened(found));
    }
  }

  /** In the order of the index, which is often the alphabet's. */
  @Override
  public List<String> names() {
    return ImmutableList.copyOf(shardOf.keySet());
  }

  @Override
  public boolean contains(String name) {
    Problem.given(name, "NamedTensors.contains", "name");
    return shardOf.containsKey(name);
  }

  @Override
  public Shape shape(String name) {
    Problem.given(name, "NamedTensors.shape", "name");
    return shard(name).shape(name);
  }

  @Override
  public TensorType type(String name) {
    Problem.given(name, "NamedTensors.type", "name");
    return shard(name).type(name);
  }

  @Override
  public float[] floats(String name) {
    Problem.given(name, "NamedTensors.floats", "name");
    return shard(name).floats(name);
  }

  @Override
  public double[] doubles(String name) {
    Problem.given(name, "NamedTensors.doubles", "name");
    return shard(name).doubles(name);
  }

  /** The index's {@code metadata}, numbers as text. */
  @Override
  public Map<String, String> metadata() {
    return metadata;
  }

  private NamedTensors shard(String name) {
    NamedTensors shard = shardOf.get(name);
    if (shard == null) {
      throw Problem.argument(
          "no such tensor",
          source + ", '" + name + "'",
          "one of " + shardOf.size() + " names",
          "none",
          "names begin with: " + shardOf.keySet().stream().limit(8).toList());
    }
    return shard;
  }

  /** Number of tensors and where they come from. */
  @Override
  public String toString() {
    return shardOf.size() + " tensors of " + source;
  }
}
