package org.vpns.internal.predict;

import com.google.common.hash.Hashing;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.io.TextFile;
import org.vpns.io.FormatException;

/** The text of {@code network.json}, checked as far as its format does not matter. */
public final class NetworkText {
  /** Name of the file. */
  public static final String NAME = "network.json";

  /** Far more than a network of thousands of operators takes. */
  public static final int MAX_BYTES = 1 << 26;

  private static final int MAX_DEPTH = 64;

  private NetworkText() {}

  /**
   * Reads the file of a folder.
   *
   * @param note what {@code model.json} says of it
   * @throws IOException if there is none, or it is damaged
   */
  public static String read(Path folder, @Nullable NetworkNote note) throws IOException {
    if (note == null || note.format() == null) {
      throw new IOException(
          Problem.message(
              "result folder does not describe its network",
              folder.toString(),
              NAME,
              "none ("
                  + (note == null
                      ? "written before networks were described"
                      : withoutStop(String.valueOf(note.missing())))
                  + ")",
              "load it with PrunedModel.load(folder, model) into a model of the architecture that"
                  + " was pruned"));
    }
    Path file = folder.resolve(NAME);
    String text = TextFile.read(file, MAX_BYTES);
    if (!checksum(text).equals(note.crc32())) {
      throw damaged(file, "checksum " + note.crc32(), checksum(text), null);
    }
    requireJson(text, file.toString());
    return text;
  }

  /** Any reader may recurse from here on. */
  public static void requireJson(String text, String where) throws IOException {
    try (JsonReader reader = new JsonReader(new StringReader(text))) {
      reader.setStrictness(Strictness.STRICT);
      reader.setNestingLimit(MAX_DEPTH);
      if (reader.peek() != JsonToken.BEGIN_OBJECT) {
        throw damaged(where, "a JSON object", reader.peek(), null);
      }
      reader.skipValue();
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw damaged(where, "one JSON object", "more", null);
      }
    } catch (JsonParseException | IllegalStateException | NumberFormatException e) {
      throw damaged(where, "JSON", reason(e), e);
    } catch (EOFException | MalformedJsonException e) {
      throw damaged(where, "JSON at most " + MAX_DEPTH + " levels deep", reason(e), e);
    }
  }

  /** What to throw of a file that is not as it was written. */
  public static FormatException damaged(
      Object file, Object expected, @Nullable Object found, @Nullable Exception cause) {
    FormatException damaged =
        new FormatException(
            "network description damaged",
            file.toString(),
            expected,
            found,
            "use files of one result, or save it again");
    return cause == null ? damaged : damaged.causedBy(cause);
  }

  /** CRC-32 of a text, eight hexadecimal digits. */
  public static String checksum(String text) {
    return String.format(
        Locale.ROOT, "%08x", Hashing.crc32().hashString(text, StandardCharsets.UTF_8).asInt());
  }

  /** What an exception says, for within a message. */
  public static String reason(Exception e) {
    return e.getClass().getSimpleName() + " (" + withoutStop(firstLine(e)) + ")";
  }

  /** The first line of its message. */
  public static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private static String withoutStop(String message) {
    return message.replaceFirst("\\.$", "");
  }
}
