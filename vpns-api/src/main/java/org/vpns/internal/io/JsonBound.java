package org.vpns.internal.io;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;

/**
 * How many values JSON of strangers may have before it becomes objects: an empty one takes three
 * bytes in a text and a hundred in memory.
 */
public final class JsonBound {
  /** A tree's node, its place in the tree, and what a reader makes of it. */
  private static final int VALUE_BYTES = 400;

  private JsonBound() {}

  /**
   * The values of a text that is JSON in the strict sense, and nothing else.
   *
   * @throws JsonParseException if it is not, or has more values than the heap holds
   */
  public static JsonElement tree(String text) {
    require(text);
    JsonReader reader = new JsonReader(new StringReader(text));
    reader.setStrictness(Strictness.STRICT);
    JsonElement tree = JsonParser.parseReader(reader);
    if (!hasEnded(reader)) {
      throw new JsonParseException("more behind its end");
    }
    return tree;
  }

  private static boolean hasEnded(JsonReader reader) {
    try {
      return reader.peek() == JsonToken.END_DOCUMENT;
    } catch (IOException e) { // what a strict reader makes of a second value
      return false;
    }
  }

  /**
   * Passes over a text without keeping anything.
   *
   * @throws JsonParseException if it has more values than the heap holds; what is no JSON is left
   *     to the reader to refuse
   */
  @SuppressWarnings("EmptyCatch")
  public static void require(String text) {
    long most = Runtime.getRuntime().maxMemory() / VALUE_BYTES;
    long values = 0;
    try (JsonReader reader = new JsonReader(new StringReader(text))) {
      reader.setStrictness(Strictness.LENIENT);
      for (JsonToken token = reader.peek();
          token != JsonToken.END_DOCUMENT;
          token = reader.peek()) {
        switch (token) {
          case BEGIN_ARRAY -> reader.beginArray();
          case BEGIN_OBJECT -> reader.beginObject();
          case END_ARRAY -> reader.endArray();
          case END_OBJECT -> reader.endObject();
          default -> reader.skipValue();
        }
        if (++values > most) {
          throw new JsonParseException(
              "more than " + most + " values; " + MemoryBound.REMEDY + " if they are meant");
        }
      }
    } catch (IOException | IllegalStateException ignored) {
      // the reader of the tree meets the same and tells it in its own words
    }
  }
}
